"""The report of one recording: charts, strips on ECG paper, one HTML page."""
