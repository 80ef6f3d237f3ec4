"""Where the beats are: R peaks and pacing spikes."""
