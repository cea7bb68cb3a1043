package io.consoul.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The bus codec")
class BusCodecTest {

  private final TurnId turn = TurnId.mint(new SessionId("s"), new Random(1));
  private final Delta delta = new Delta(turn, 1_790_000_000_000L, 7, "Grüße 🎉 \"quoted\"\n");
  private final BusCodec codec = new BusCodec();

  @Test
  @DisplayName("has a name that never changes")
  void name() {
    assertThat(codec.name()).isEqualTo("consoul");
  }

  @Test
  @DisplayName("reads the older frame version beside the current one")
  void olderVersionBesideCurrent() {
    BusCodec older = new BusCodec();
    older.write(1);

    Buffer old = encode(older, delta);
    Buffer current = encode(codec, delta);

    assertThat(old.getByte(0)).isEqualTo((byte) 1);
    assertThat(current.getByte(0)).isEqualTo((byte) 2);
    assertThat(codec.decodeFromWire(0, old)).isEqualTo(delta);
    assertThat(older.decodeFromWire(0, current)).isEqualTo(delta);
  }

  @Test
  @DisplayName("writes a delta in half the bytes of its JSON")
  void compactDelta() {
    BusCodec older = new BusCodec();
    older.write(1);

    Delta ofAGateway = delta.to(1_000);

    assertThat(encode(codec, ofAGateway).length())
        .isLessThan(encode(older, ofAGateway).length() * 6 / 10);
  }

  @Test
  @DisplayName("writes a resumption so that only those read it who go on with an answer")
  void resumption() {
    AnswerTurn anew = order(null);
    AnswerTurn goesOn = order(new Resumption("said", Cuts.NONE.and(4), 1, List.of()));
    BusCodec older = new BusCodec();
    older.write(1);

    assertThat(encode(codec, anew).getByte(0)).isEqualTo((byte) 2);
    assertThat(encode(codec, goesOn).getByte(0)).isEqualTo((byte) 3);
    assertThat(encode(older, goesOn).getByte(0)).isEqualTo((byte) 3);
    assertThat(codec.decodeFromWire(0, encode(codec, goesOn))).isEqualTo(goesOn);
  }

  @Test
  @DisplayName("writes what everybody reads until it has heard who is there")
  void beforeTheFirstHello() {
    codec.write(BusCodec.NEWEST_VERSION);

    assertThat(encode(codec, new Renewed(turn)).getByte(0)).isEqualTo((byte) 2);
  }

  @Test
  @DisplayName("writes a hello so that the oldest node can read it")
  void helloIsForEverybody() {
    Buffer wire = encode(
        codec, new Hello(Kind.SESSION, "n", "inbox", 0, false, false, BusCodec.NEWEST_VERSION));

    assertThat(wire.getByte(0)).isEqualTo((byte) 1);
  }

  @Test
  @DisplayName("reads a frame of a newer version as unknown, with its name and version")
  void newerVersion() {
    Buffer wire = encode(codec, delta).setByte(0, (byte) 9);

    assertThat(codec.decodeFromWire(0, wire)).isEqualTo(new Unknown("turn.delta", 9));
  }

  @Test
  @DisplayName("reads a message it does not know as unknown")
  void newerMessage() {
    Buffer wire = frame("turn.rewind", "{\"turn\":1}");

    assertThat(codec.decodeFromWire(0, wire)).isEqualTo(new Unknown("turn.rewind", 1));
  }

  @Test
  @DisplayName("reads a garbled body as unknown instead of throwing on the bus")
  void garbled() {
    assertThat(codec.decodeFromWire(0, frame("turn.delta", "{\"turn\":\"nonsense\"}")))
        .isInstanceOf(Unknown.class);
    assertThat(codec.decodeFromWire(0, frame("turn.begin", "[1"))).isInstanceOf(Unknown.class);
  }

  @Test
  @DisplayName("reads a frame that ends anywhere before its end, or any bytes at all, as unknown")
  void truncated() {
    Buffer whole = encode(codec, delta);
    for (int length = 0; length < whole.length(); length++) {
      assertThat(codec.decodeFromWire(0, whole.getBuffer(0, length)))
          .as("of %d bytes", length)
          .isInstanceOf(Unknown.class);
    }
    Random random = new Random(1);
    for (int i = 0; i < 1_000; i++) {
      byte[] noise = new byte[random.nextInt(64)];
      random.nextBytes(noise);
      assertThat(codec.decodeFromWire(0, Buffer.buffer(noise))).isInstanceOf(Unknown.class);
    }
  }

  @Test
  @DisplayName("ignores keys of a newer node")
  void extraKeys() {
    Buffer wire = frame("turn.renewed", "{\"turn\":\"" + turn + "\",\"colour\":\"red\"}");

    assertThat(codec.decodeFromWire(0, wire)).isEqualTo(new Renewed(turn));
  }

  @Test
  @DisplayName("reads from the middle of a buffer")
  void position() {
    Buffer wire = Buffer.buffer("before");
    codec.encodeToWire(wire, delta);
    wire.appendString("after");

    assertThat(codec.decodeFromWire("before".length(), wire)).isEqualTo(delta);
  }

  private AnswerTurn order(Resumption resumption) {
    return new AnswerTurn(
        turn,
        Tenant.DEFAULT,
        1,
        "token",
        "echo",
        Settings.NONE,
        List.of(ChatMessage.user("Hello")),
        0,
        CompletionOptions.NONE,
        new Listener("gateway", 16_384),
        "session",
        Instant.EPOCH,
        resumption);
  }

  private static Buffer encode(BusCodec codec, BusMessage message) {
    Buffer wire = Buffer.buffer();
    codec.encodeToWire(wire, message);
    return wire;
  }

  private static Buffer frame(String name, String body) {
    return Buffer.buffer()
        .appendByte((byte) 1)
        .appendByte((byte) name.length())
        .appendString(name)
        .appendInt(body.length())
        .appendString(body);
  }
}
