"""The web page; `policykb serve` runs it. Absolute imports, because streamlit puts this folder on sys.path."""

from search_app.views.frame import show

show()
