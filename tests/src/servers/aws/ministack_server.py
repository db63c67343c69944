"""ministack with its faults corrected, on 127.0.0.1. The environment says where, and whether it enforces policies.

    python ministack_server.py [--as-it-is]
"""

import sys

from ministack.app import main


if __name__ == "__main__":
    sys.argv[1:] = []
    main()
