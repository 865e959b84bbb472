"""The one kind of error that a user can mend: it says what was found, what was expected and what to do.

Every room has its own subclass; the command line and the page catch this one at the edge and show its message. Anything
else that is raised is a bug and shall be seen as one.
"""

from __future__ import annotations


class Problem(Exception):
    """Something the user can mend; the message names the place and the way out."""
