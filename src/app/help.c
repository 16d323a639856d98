/* The long help of commands, kept apart from the table that runs them. */
#include "app/help.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *command;
    const char *text;
} details[] = {
    {"run",
     "  Runs the program in PYSPARK_DRIVER_PYTHON, else PYSPARK_PYTHON, else python3, on the "
     "server\n"
     "  that WEIR_CONNECT=HOST:PORT names, else on one that runs here, else on a new one that "
     "ends\n"
     "  with it. Its arguments, exit status and tracebacks are its own.\n\n"
     "  --master TEXT          a hint; any is accepted\n"
     "  --name TEXT            the application's name\n"
     "  --conf KEY=VALUE       a setting; again for more\n"
     "  --py-files A,B         modules that the program imports (.py, .zip)\n"
     "  --files A,B            files that it reads\n"
     "  --packages A,B         Kafka's are built in; others get a warning (--jars too)\n"
     "  Other options of spark-submit, for a JVM or a cluster, are accepted and mean nothing.\n"},
    {"sql", "  Runs statements, each ended by ; from TEXT, FILE (- is standard input), standard "
            "input, or\n"
            "  a prompt, on the server that weir run would use.\n\n"
            "  -e TEXT                statements to run\n"
            "  -f FILE                a file of statements\n"
            "  -o FORMAT              all rows as table, markdown, csv or json (an object a line)\n"
            "  --header               column names first, outside of a terminal\n"},
    {"topic", "  weir topic list\n"
              "  weir topic describe NAME                  offsets and bytes of its partitions\n"
              "  weir topic create NAME [--partitions N]   1 partition unless said\n"
              "  weir topic delete NAME\n"},
    {"node",
     "  weir node list                            members, their roles and processes\n"
     "  weir node start|stop|kill NAME            one node of weir up --nodes N\n"
     "  weir node drain NAME [--undo]             its partitions are led by others\n"
     "  weir node remove NAME                     it is no member any more\n"
     "  weir node token                           prints a command that lets one node join\n"
     "  weir node --join HOST:PORT --token TOKEN [flags of weir up]\n"},
    {"fs", "  The commands of hdfs dfs, on the running server or one that --url http://HOST:PORT\n"
           "  names, as the user that --user NAME names. weir fs without words lists them.\n"},
    {"status",
     "  Addresses and processes of the server that runs here.\n\n"
     "  -o text                for people (unless said)\n"
     "  -o json                the whole ready file\n"
     "  -o env                 for eval \"$(weir status -o env)\": lets PySpark 4.3 find the\n"
     "                         server by itself, for programs with a local master\n"},
    {"doctor", "  Looks for Python, PySpark and time zones, and asks the server that runs here a\n"
               "  question in each protocol. Exit status 1 if something is missing.\n"},
    {"config",
     "  Prints each setting, its value and where that came from: default, file (WEIR_CONFIG,\n"
     "  else ~/.config/weir/weir.conf), environment or flag.\n"},
};

const char *
help_details(const char *command)
{
    for (size_t i = 0; i < sizeof details / sizeof *details; i++) {
        if (strcmp(details[i].command, command) == 0) {
            return details[i].text;
        }
    }
    return "";
}
