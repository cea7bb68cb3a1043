package io.consoul.provider.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The parser of lines")
class LineParserTest {

  private final LineParser parser = new LineParser();
  private final List<String> lines = new ArrayList<>();

  @Test
  @DisplayName(
      "takes LF and CRLF for the end of a line, and passes over empty ones and a byte order mark")
  void lineEnds() {
    feed("\uFEFFa\n\nb\r\n\r\nc\rd\n");
    assertThat(lines).containsExactly("a", "b", "c\rd");
  }

  @Test
  @DisplayName("waits with an unfinished line for its end, or for the end of all")
  void unfinished() {
    feed("a\nb");
    assertThat(lines).containsExactly("a");
    feed("c\r");
    parser.end(lines::add);
    parser.end(lines::add);
    assertThat(lines).containsExactly("a", "bc");
  }

  @Test
  @DisplayName("comes to the same however the bytes are cut")
  void anyCut() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] bytes = "\uFEFF{\"ä\":\"🦉\"}\r\n\r\n\n世界\n👩‍🚀\r\nrest".getBytes(UTF_8);
    for (int round = 0; round < 500; round++) {
      LineParser cut = new LineParser();
      List<String> read = new ArrayList<>();
      for (int start = 0; start < bytes.length; ) {
        int end = Math.min(bytes.length, start + (round == 0 ? 1 : random.nextInt(8)));
        cut.feed(Buffer.buffer(Arrays.copyOfRange(bytes, start, end)), read::add);
        start = end;
      }
      cut.end(read::add);
      assertThat(read)
          .as("seed %d, round %d", seed, round)
          .containsExactly("{\"ä\":\"🦉\"}", "世界", "👩‍🚀", "rest");
    }
  }

  @Test
  @DisplayName("reads a line up to the limit, and refuses a longer one")
  void limit() {
    String longest = "x".repeat(LineParser.LIMIT);
    feed(longest + "\n" + longest);
    assertThat(lines).containsExactly(longest);
    assertThatThrownBy(() -> feed("x")).isInstanceOf(Overflow.class);
  }

  @Test
  @DisplayName("takes no longer for a long line that comes byte by byte")
  void linear() {
    Buffer one = Buffer.buffer("x");
    Assertions.assertTimeout(Duration.ofSeconds(20), () -> {
      for (int i = 0; i < LineParser.LIMIT; i++) {
        parser.feed(one, lines::add);
      }
    });
    assertThat(lines).isEmpty();
  }

  private void feed(String text) {
    parser.feed(Buffer.buffer(text), lines::add);
  }
}
