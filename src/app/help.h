/* What `weir COMMAND --help` says beyond a command's line of arguments. */
#ifndef WEIR_APP_HELP_H
#define WEIR_APP_HELP_H

/* Indented lines, each with its end; "" for a command that needs no more words. */
const char *help_details(const char *command);

#endif
