package io.consoul.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
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
