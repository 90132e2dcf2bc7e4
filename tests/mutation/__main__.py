"""Print the score: ``python -m tests.mutation [ROUNDS]``."""

import sys

from tests.mutation import disagreements, score, table

print(table(score(int(sys.argv[1]) if sys.argv[1:] else 3)))
print("\n" + disagreements())
