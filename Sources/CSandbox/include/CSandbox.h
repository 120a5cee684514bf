// What a media child does to itself before it reads its first input byte.
// Each returns 0, or an errno value.
#pragma once

/// No new privileges for this process and what it might start, and no core dump of what it holds in memory.
int csandbox_renounce_privileges(void);

/// The child dies when the thread that started it ends. Fails with ESRCH when the starter is already gone.
int csandbox_die_with_parent(int parent);
