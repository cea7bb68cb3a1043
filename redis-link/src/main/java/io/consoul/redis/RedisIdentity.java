package io.consoul.redis;

import java.util.Set;

/**
 * Which Redis this is.
 *
 * @param epoch made once in an empty Redis: another one tells that the data is not what it was
 * @param servers run id and replication id of each master: others tell of a restart or a failover, in which the last writes
 *     may have been lost
 */
record RedisIdentity(String epoch, Set<String> servers) {}
