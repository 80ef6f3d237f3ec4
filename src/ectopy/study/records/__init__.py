"""Studies of whole records: the beat model trained on some, and scored on others by EC57."""
