"""The summary of one recording: what a Holter report says, as one JSON document with a schema."""
