"""HTML page -> blocks, and what of them is the article by the layout of the tree."""
