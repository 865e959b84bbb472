"""The exploring view: one file a part, one file its HTML."""
