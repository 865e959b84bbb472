"""What an article states about itself: dates, places, schemes, and what kind of source it has."""
