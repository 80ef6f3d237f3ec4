"""What describes a beat: its shape, its intervals, how early it is."""
