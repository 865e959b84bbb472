"""One command of the command line a file; `search_app.cli` loads each when it is called."""
