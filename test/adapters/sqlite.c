/* SQLite with zmalloc/sqlite.h: a table of 100,000 rows in memory, an index and a query. */
#include "zmalloc/sqlite.h"

#include <inttypes.h>
#include <string.h>

#include "adapter.h"

#define FILL                                                                                       \
    "INSERT INTO t(name, number) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "  \
    "WHERE i < %d) SELECT 'row number ' || i || ' of the table', i * 7919 %% 100 FROM n;"

static int rows;

static int run(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static int fill(sqlite3 *db, int count)
{
    char sql[sizeof FILL + 16];
    snprintf(sql, sizeof sql, FILL, count);
    return run(db, sql);
}

/* The one number that a query gives; -1 where it failed. */
static int64_t ask(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int64_t number = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK
        && sqlite3_step(statement) == SQLITE_ROW)
        number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

/* What SQLite says of this connection: its pages, schema and statements. */
static size_t own_figure(sqlite3 *db)
{
    const int parts[] = {SQLITE_DBSTATUS_CACHE_USED, SQLITE_DBSTATUS_SCHEMA_USED,
                         SQLITE_DBSTATUS_STMT_USED};
    size_t sum = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        int now = 0, highest;
        sqlite3_db_status(db, parts[i], &now, &highest, 0);
        sum += (size_t)now;
    }
    return sum;
}

/* Stops at the first step that fails. */
static int create_and_query(sqlite3 *db)
{
    int result = run(db, "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, number INTEGER)");
    if (result == SQLITE_OK)
        result = fill(db, rows);
    if (result == SQLITE_OK)
        result = run(db, "CREATE INDEX by_number ON t(number, name)");
    if (result != SQLITE_OK)
        return result;
    int64_t found = ask(db, "SELECT count(*) FROM t WHERE number = 7 AND name LIKE 'row%'");
    require(found == rows / 100 || found == -1, "the query finds %" PRId64 " rows", found);
    return found == -1 ? SQLITE_NOMEM : SQLITE_OK;
}

/* Ends what SQLite keeps for all connections too. */
static bool work(void)
{
    sqlite3 *db = NULL;
    int result = sqlite3_open(":memory:", &db);
    if (result == SQLITE_OK)
        result = create_and_query(db);
    require(result == SQLITE_OK || result == SQLITE_NOMEM || result == SQLITE_IOERR_NOMEM,
            "SQLite fails with %d: %s", result, db ? sqlite3_errmsg(db) : "no connection");
    size_t now = held();
    if (result == SQLITE_OK && rows >= 100000) {
        size_t own = own_figure(db);
        printf("SQLite %s: %zu bytes, by its own figures %zu\n", sqlite3_libversion(), now, own);
        require(now >= own && now <= own + own / 2, "%zu bytes, and SQLite says %zu", now, own);
    }
    require(sqlite3_memory_used() == 0, "SQLite counts for itself");
    sqlite3_close(db);
    sqlite3_shutdown();
    return result == SQLITE_OK;
}

static void require_installed(zgroup *group)
{
    require(zmalloc_sqlite_install(group) == 0, "it is too late: errno %d", errno);
}

static void require_true_sizes(void)
{
    void *block = sqlite3_malloc(1001);
    require(sqlite3_msize(block) == zmalloc_usable_size(block), "another size");
    block = sqlite3_realloc(block, 5003);
    require(sqlite3_msize(block) == zmalloc_usable_size(block), "another size after resizing");
    sqlite3_free(block);
    sqlite3_shutdown();
}

/* Refused once SQLite is in use; the group from before stays in force. */
static void require_refusal(zgroup *group)
{
    sqlite3_initialize();
    errno = 0;
    require(zmalloc_sqlite_install(NULL) == -1 && errno == EBUSY, "errno %d", errno);
    size_t before = zgroup_used(group);
    void *block = sqlite3_malloc(1000);
    require(zgroup_used(group) == before + zmalloc_size(block), "the group has changed");
    sqlite3_free(block);
    sqlite3_shutdown();
    require(zgroup_used(group) == 0, "the group holds %zu bytes", zgroup_used(group));
}

/* A statement that a limit stops is undone, and the connection goes on. */
static void require_limit(zgroup *group)
{
    sqlite3 *db;
    zgroup_set_limit(group, 2 << 20);
    require(sqlite3_open(":memory:", &db) == SQLITE_OK, "no connection within 2 MiB");
    run(db, "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, number INTEGER)");
    require(fill(db, 1000) == SQLITE_OK, "1,000 rows do not fit");
    int result = fill(db, 100000);
    require(result == SQLITE_NOMEM, "100,000 rows within 2 MiB: result %d", result);
    require(ask(db, "SELECT count(*) FROM t") == 1000, "what was there before is not");
    require(fill(db, 500) == SQLITE_OK, "nothing can be written any more");
    zgroup_set_limit(group, 0);
    require(fill(db, 100000) == SQLITE_OK, "without a limit it is the same");
    require(ask(db, "SELECT count(*) FROM t") == 101500, "rows are missing");
    sqlite3_close(db);
    sqlite3_shutdown();
    require(zgroup_used(group) == 0, "the group holds %zu bytes", zgroup_used(group));
}

int main(void)
{
    require_installed(NULL);
    require_true_sizes();
    rows = 100000;
    require_work(work, 8 << 20);

    zgroup *group = zgroup_new("sqlite", NULL, 0);
    require_installed(group);
    require_work_in(group, work, 8 << 20);
    require_refusal(group);
    require_limit(group);
    rows = 200;
    require_work_under_failures(work, 600);
    require(zgroup_used(group) == 0, "the group holds %zu bytes", zgroup_used(group));
    require(zgroup_destroy(group) == 0, "the group is in use");
}
