"""moto with its faults corrected, on 127.0.0.1.

    python moto_server.py PORT [--as-it-is]
"""

import sys

import moto.server


if __name__ == "__main__":
    moto.server.main(["-H", "127.0.0.1", "-p", sys.argv[1]])
