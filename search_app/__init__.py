"""The faces: the command line and the web page. They show what `index` decided and decide nothing."""
