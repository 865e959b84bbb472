"""What the pages of a collection tell about one another: repeats, teasers, duplicates."""
