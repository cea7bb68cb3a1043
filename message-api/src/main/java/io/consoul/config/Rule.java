package io.consoul.config;

import java.util.List;

/**
 * What there is to know of one key of a configuration file, whatever is set: the reference and the schemas are made from it.
 *
 * @param key with {@code []} for each of a list
 * @param variables environment variables, the first before its other names
 * @param fallback what counts where nothing is set, as text; empty for nothing
 */
public record Rule(String file, String key, List<String> variables, String fallback, Form form) {}
