"""SCP-ECG (EN 1064, ISO 11073-91064), of which no library reads every compression."""
