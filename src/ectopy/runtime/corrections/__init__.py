"""What a reader's few answers say of a recording's other beats: arrays in, arrays out."""
