"""What a file may cost us. The child that reads workbooks imports this alone, so nothing else stands here."""

MAX_BYTES = 64 * 2**20
MAX_ROWS = 500_000
MAX_COLUMNS = 200
MAX_LINE = 130_000
MAX_RECORD_LINES = 50

SHEET_MEMORY = 512 * 2**20
SHEET_CPU_SECONDS = 9
SHEET_WALL_SECONDS = 60
SHEET_UNPACKED = 300 * 2**20
SHEET_AREA = 6_000_000
SHEET_PARTS = 2_000
SHEET_OUTPUT = 400 * 2**20
