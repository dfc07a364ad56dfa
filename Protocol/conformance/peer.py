#!/usr/bin/env python3
"""A small peer for Caravan sync, version 1; README.md beside it says how to use it."""

import sys

from caravan_peer.cli import main

sys.exit(main())
