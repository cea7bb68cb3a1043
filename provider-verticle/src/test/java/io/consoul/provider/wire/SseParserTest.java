package io.consoul.provider.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The parser of server-sent events")
class SseParserTest {

  private final SseParser parser = new SseParser();
  private final List<SseEvent> events = new ArrayList<>();

  @Test
  @DisplayName("takes LF, CRLF and CR for the end of a line")
  void lineEnds() {
    feed("data: a\n\ndata: b\r\n\r\ndata: c\r\rdata: d\r\n\n");
    assertThat(data()).containsExactly("a", "b", "c", "d");
  }

  @Test
  @DisplayName("takes a CRLF for one end of a line, not for an empty line")
  void crlfWithinAnEvent() {
    feed("event: error\r\ndata: a\r\ndata: b\r\n\r\n");
    assertThat(events).containsExactly(new SseEvent("error", "a\nb"));
  }

  @Test
  @DisplayName("does not wait for the LF that may follow a CR")
  void carriageReturnAtTheEnd() {
    feed("data: a\r\r");
    assertThat(data()).containsExactly("a");
    feed("\ndata: b\r\n\r");
    assertThat(data()).containsExactly("a", "b");
  }

  @Test
  @DisplayName("joins several data lines and takes one space after the colon away")
  void severalLines() {
    feed("data:one\ndata:  two\ndata\ndata: \n\n");
    assertThat(data()).containsExactly("one\n two\n\n");
  }

  @Test
  @DisplayName("passes over comments, ids, retry times, unknown fields and a byte order mark")
  void passesOver() {
    feed("\uFEFF: hello\nid: 7\nretry: 100\nfoo: bar\nbaz\ndata: x\n\n:\n\n: ping\n\n");
    assertThat(events).containsExactly(new SseEvent("message", "x"));
  }

  @Test
  @DisplayName("tells of lines that belong to no event, also of one without its end")
  void strayLines() {
    List<String> stray = new ArrayList<>();
    SseParser curious = new SseParser(stray::add);
    curious.feed(
        Buffer.buffer(
            "{\"error\": {\r\n  \"code\": 503\r\n}}\n\ndata: x\nid: 7\nretry: 1\n: ping\n\n]"),
        events::add);
    curious.end(events::add);
    assertThat(stray).containsExactly("{\"error\": {", "  \"code\": 503", "}}", "]");
    assertThat(data()).containsExactly("x");
  }

  @Test
  @DisplayName("gives an event its name, and only that one")
  void names() {
    feed("event: error\ndata: x\n\ndata: y\n\nevent: lost\n\ndata: z\n\n");
    assertThat(events)
        .containsExactly(
            new SseEvent("error", "x"), new SseEvent("message", "y"), new SseEvent("message", "z"));
  }

  @Test
  @DisplayName("reads a character that is cut between two chunks")
  void cutCharacter() {
    byte[] bytes = "data: 🦉é\n\n".getBytes(UTF_8);
    for (byte each : bytes) {
      parser.feed(Buffer.buffer(new byte[] {each}), events::add);
    }
    assertThat(data()).containsExactly("🦉é");
  }

  @Test
  @DisplayName("counts a last event without its empty line, but not a line that is cut")
  void endWithoutEmptyLine() {
    feed("data: [DONE]\ndata: cu");
    parser.end(events::add);
    assertThat(data()).containsExactly("[DONE]");
  }

  @Test
  @DisplayName("takes a line of 1 MiB and refuses a longer one, however it comes")
  void longLine() {
    String fits = "data: " + "x".repeat(SseParser.LIMIT - 6);
    feed(fits + "\n\n");
    assertThat(data().get(0)).hasSize(SseParser.LIMIT - 6);
    assertThatThrownBy(() -> feed(fits + "x")).isInstanceOf(Overflow.class);

    SseParser drip = new SseParser();
    Buffer piece = Buffer.buffer("x".repeat(1_000));
    assertThatThrownBy(() -> {
          for (int i = 0; i < 2_000; i++) {
            drip.feed(piece, events::add);
          }
        })
        .isInstanceOf(Overflow.class);
  }

  @Test
  @DisplayName("refuses an event of many lines that grows beyond 1 MiB")
  void longEvent() {
    String line = "data: " + "x".repeat(100_000) + "\n";
    assertThatThrownBy(() -> feed(line.repeat(11))).isInstanceOf(Overflow.class);
  }

  @Test
  @DisplayName("takes a field for what it is by its whole name")
  void wholeNames() {
    feed("dat: a\ndatax: b\n data: c\nevents: d\nDATA: e\n\n");
    assertThat(events).isEmpty();
    feed("event\ndata: x\nevent: \n\n");
    assertThat(events).containsExactly(new SseEvent("message", "x"));
  }

  @Test
  @DisplayName("gives the object that an event's data is, or nothing")
  void json() {
    assertThat(new SseEvent("x", "{\"a\":1}").json()).isEqualTo(new JsonObject().put("a", 1));
    for (String none : new String[] {"null", "[]", "7", "{", "", "x", "{}}"}) {
      assertThat(new SseEvent("x", none).json()).as(none).isNull();
    }
  }

  @Test
  @DisplayName("understands the same however the bytes are cut")
  void anyChunking() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      byte[] bytes = stream(random).getBytes(UTF_8);
      List<SseEvent> whole = parse(bytes, bytes.length, random);
      assertThat(parse(bytes, 1, random)).as("byte by byte, seed %d", seed).isEqualTo(whole);
      assertThat(parse(bytes, 0, random)).as("random cuts, seed %d", seed).isEqualTo(whole);
    }
  }

  private static String stream(Random random) {
    String[] parts = {
      "data: ",
      "data:",
      "data",
      "event: error",
      "event:",
      ": c",
      "id: 1",
      "\n",
      "\n\n",
      "\r",
      "\r\n",
      "\r\n\r\n",
      "é",
      "🦉",
      "x y",
      "{\"a\":1}",
      "\uFEFF",
      ":",
      " "
    };
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(60); i >= 0; i--) {
      text.append(parts[random.nextInt(parts.length)]);
    }
    return text.toString();
  }

  /** @param size of the chunks, 0 for random ones */
  private static List<SseEvent> parse(byte[] bytes, int size, Random random) {
    SseParser parser = new SseParser();
    List<SseEvent> events = new ArrayList<>();
    int start = 0;
    while (start < bytes.length) {
      int end = Math.min(bytes.length, start + (size == 0 ? random.nextInt(9) : size));
      parser.feed(Buffer.buffer(bytes).getBuffer(start, end), events::add);
      start = end;
    }
    parser.end(events::add);
    return events;
  }

  private void feed(String text) {
    parser.feed(Buffer.buffer(text), events::add);
  }

  private List<String> data() {
    return events.stream().map(SseEvent::data).toList();
  }
}
