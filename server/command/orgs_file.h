#pragma once
/* A district's list of branches from a file: columns code, name, parent, level (or 编码 名称 上级 级别), UTF-8 or GB18030,
 * separated by commas or tabs. Nothing is added while any row is wrong; codes that are known already are passed over. */
#include "server/control/control.h"

/* problems gets a line per wrong row. ERR_VALUE if any row is wrong: nothing was added. */
enum err orgs_file_import(struct control *c, const char *path, size_t *added, struct buf *problems) MUST_CHECK;
