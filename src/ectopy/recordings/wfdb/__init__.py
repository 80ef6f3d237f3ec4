"""WFDB files as they are stored: headers, signal files, annotation words; no scaling, no choice."""
