/* The small commands: each gets the arguments behind its name and returns the exit status. */
#ifndef WEIR_APP_COMMANDS_H
#define WEIR_APP_COMMANDS_H

enum exit_status {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_NOT_FOUND = 3,
    EXIT_UNREACHABLE = 5
};

int command_run(int argc, char **argv);
int command_sql(int argc, char **argv);
int command_topic(int argc, char **argv);
int command_fs(int argc, char **argv);
int command_node(int argc, char **argv);
int command_status(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_config(int argc, char **argv);

#endif
