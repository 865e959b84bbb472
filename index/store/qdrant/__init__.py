"""Serves a build from Qdrant: a server, a cluster, or the same engine in a folder (docs/qdrant.md).

`engine` answers what `index.engine` asks for, `threshold` proves which passages are the best, `upload` carries a build
over, `collections` says what a build is called there and whether it is whole. `points` is the seam below them, with
two sides: `client` speaks to a server (qdrant-client), `edge` opens shards in this process (qdrant-edge-py).
"""
