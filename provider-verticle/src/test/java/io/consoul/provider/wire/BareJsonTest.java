package io.consoul.provider.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Bare JSON")
class BareJsonTest {

  private final BareJson json = new BareJson();
  private final List<String> objects = new ArrayList<>();

  @Test
  @DisplayName("is found on one line and on many")
  void objects() {
    feed("{\"a\":{}}", "[{", "\"b\" : [ {} ]", "}", ",{\"c\":1},{\"d\":2}", "]");
    assertThat(objects).containsExactly("{\"a\":{}}", "{\"b\" : [ {} ]}", "{\"c\":1}", "{\"d\":2}");
  }

  @Test
  @DisplayName("may have braces and quotes in its texts")
  void texts() {
    String object = "{\"a\":\"}{\\\"}\\\\\",\"}\":\"\"}";
    feed(object, "x");
    assertThat(objects).containsExactly(object);
  }

  @Test
  @DisplayName("is none where there are only other words")
  void others() {
    feed("]", "} }", "\"{", "");
    assertThat(objects).isEmpty();
  }

  @Test
  @DisplayName("is refused where it never ends")
  void limit() {
    String line = "{".repeat(1 << 16);
    for (int i = 0; i < 16; i++) {
      feed(line);
    }
    assertThatThrownBy(() -> feed("{")).isInstanceOf(Overflow.class);
  }

  private void feed(String... lines) {
    for (String line : lines) {
      json.feed(line, objects::add);
    }
  }
}
