// Read by jemalloc when it starts, if the executable is linked with it; nothing otherwise.

// Memory in pages of 2 MiB where the system grants them: with 100,000 tasks, each of which is touched again only when
// all others have been, most of a step is otherwise the search for its page.
const char *malloc_conf = "thp:always";
