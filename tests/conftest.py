"""What all tests share: a home of their own, before Django reads its settings."""

import os
import tempfile

os.environ["CHARGEPIPE_HOME"] = tempfile.mkdtemp(prefix="chargepipe-tests-")
