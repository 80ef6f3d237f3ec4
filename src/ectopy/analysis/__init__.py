"""From a recording to labelled beats, episodes, burden and a report."""
