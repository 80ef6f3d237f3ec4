"""What readers do with a labelled recording: they look, correct, and sign; nothing is lost."""
