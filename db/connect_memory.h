/* Memory for the connector while it connects. */
#ifndef MINHU_CONNECT_MEMORY_H
#define MINHU_CONNECT_MEMORY_H

#include <stdbool.h>

/* Libmariadb (mysql_real_connect, up to 3.4) looks into its copy of the server's version, where the greeting begins with "5.5.5-",
 * without asking whether there is one: where memory is used up, that ends the process. Its copies are made by strdup(), which this
 * module defines: as the C library's, but that a short text still gets a piece of what the calling thread has set aside. */

/* Sets it aside; false when there is none, and connecting must not be tried. */
bool connect_memory_reserve(void);

/* Gives back what was not needed. */
void connect_memory_release(void);

#endif
