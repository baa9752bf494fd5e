"""How often a request goes to the database: what the server's general log says of the one connection that served it."""

TOKEN = "FROM token t JOIN session s"  # who asks: looked up once in some seconds
# What else goes on beside requests: a worker process looks every two seconds whether there is a newer district, or newer counts of
# grams, than it has; a pool whether it is ready, by its schema and its calendar.
BESIDE = ("FROM setting WHERE name", "FROM alike_count ", "FROM schema_migration", "FROM calendar_year ")

# What a connection does once and not for each request: it connects, says how it wants to be, prepares and forgets statements.
ONCE = ("Connect", "Prepare", "Close stmt", "Quit")


class Log:
    """with Log(sql) as log: log.of(ask). sql runs a statement and returns its rows, as tests/e2e/client.py's World.sql does."""

    def __init__(self, sql):
        self.sql = sql

    def __enter__(self):
        self.sql("SET GLOBAL log_output='TABLE'; SET GLOBAL general_log=ON")
        return self

    def __exit__(self, *_):
        self.sql("SET GLOBAL general_log=OFF; TRUNCATE mysql.general_log")

    def once(self, ask):
        """All that the database was asked while ask() ran, in order: (command, text). The jobs must not run."""
        self.sql("TRUNCATE mysql.general_log")
        ask()
        rows = self.sql("SELECT thread_id, command_type, HEX(LEFT(argument,9000)) FROM mysql.general_log")
        rows = [(thread, command, bytes.fromhex(text).decode(errors="replace")) for thread, command, text in rows]
        others = {thread for thread, _, text in rows if any(part in text for part in ("general_log", *BESIDE))}
        served = {thread for thread, command, _ in rows if command == "Execute"} - others
        told = [(thread, command, text[:80]) for thread, command, text in rows if thread in served]
        assert len(served) <= 1, f"served by {len(served)} connections: is somebody else at it? {told}"
        return [(command, text) for thread, command, text in rows if thread in served]

    def of(self, ask, least=1):
        """The round trips of one request as it is day in, day out: on a connection that has all statements prepared. The
        shortest of least such requests; a submission takes a block of numbers once in many."""
        seen = []
        for _ in range(400):
            trips = self.once(ask)
            if not any(command in ONCE for command, _ in trips):
                seen.append(trips)
                if len(seen) == least:
                    return [text for _, text in min(seen, key=len)]
        raise AssertionError("each request prepares statements anew")
