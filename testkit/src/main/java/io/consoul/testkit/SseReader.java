package io.consoul.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;

/** Divides the bytes of a text/event-stream, wherever they are cut, into events and comments. */
final class SseReader {

  private final Consumer<SseEvent> onEvent;
  private final Consumer<String> onComment;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private boolean afterReturn;
  private String id;
  private String event;
  private StringBuilder data;

  SseReader(Consumer<SseEvent> onEvent, Consumer<String> onComment) {
    this.onEvent = onEvent;
    this.onComment = onComment;
  }

  void read(Buffer bytes) {
    for (int at = 0; at < bytes.length(); at++) {
      byte one = bytes.getByte(at);
      if (one == '\n' && afterReturn) {
        afterReturn = false;
        continue;
      }
      afterReturn = one == '\r';
      if (one == '\n' || one == '\r') {
        // Decoded by the line: a character may be cut anywhere, but never holds a line end.
        String text = line.toString(UTF_8);
        line.reset();
        line(text);
      } else {
        line.write(one);
      }
    }
  }

  private void line(String text) {
    if (text.isEmpty()) {
      dispatch();
      return;
    }
    int colon = text.indexOf(':');
    if (colon == 0) {
      onComment.accept(text.substring(1).strip());
      return;
    }
    String field = colon < 0 ? text : text.substring(0, colon);
    String value = colon < 0 ? "" : text.substring(colon + 1);
    value = value.startsWith(" ") ? value.substring(1) : value;
    switch (field) {
      case "id" -> id = value;
      case "event" -> event = value;
      case "data" ->
        data = data == null ? new StringBuilder(value) : data.append('\n').append(value);
      default -> {}
    }
  }

  private void dispatch() {
    if (data != null) {
      onEvent.accept(new SseEvent(id, event == null ? "message" : event, data.toString()));
    }
    id = null;
    event = null;
    data = null;
  }
}
