package io.consoul.provider.wire;

/**
 * One server-sent event.
 *
 * @param name {@code message} where the server gave none
 */
public record SseEvent(String name, String data) {

  static final String UNNAMED = "message";
}
