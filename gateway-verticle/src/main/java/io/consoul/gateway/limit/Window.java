package io.consoul.gateway.limit;

import java.time.Duration;

/**
 * One rate limit.
 *
 * @param limit how much may be charged within the length
 */
public record Window(int limit, Duration length) {}
