package io.consoul.testkit;

import io.consoul.testkit.Script.Delivery;
import io.consoul.testkit.Script.Trouble;
import io.netty.channel.ChannelOption;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** One script being played into one response. Confined to the server's event loop. */
final class Playback {

  /** One write after a pause, or a wait for the test with nothing to write. */
  private record Beat(Buffer bytes, Duration pause, Future<?> gate) {

    Beat(String event, Duration pause) {
      this(Buffer.buffer(event), pause, Future.succeededFuture());
    }

    Beat(Future<?> gate) {
      this(Buffer.buffer(), Duration.ZERO, gate);
    }
  }

  private enum Ending {
    ORDERLY,
    CUT,
    SILENCE
  }

  private final Vertx vertx;
  private final Context context;
  private final HttpServerRequest http;
  private final HttpServerResponse response;
  private final Script script;
  private final Duration pace;
  private final Duration latency;
  private final Runnable onAbort;
  private final Consumer<Playback> onClose;
  private final Deque<Beat> beats = new ArrayDeque<>();
  private Ending ending = Ending.ORDERLY;
  private boolean over;
  private volatile boolean stopped;

  /**
   * Prepares the play.
   *
   * @param pace the delay between pieces for a script that has none of its own
   * @param latency the delay before the first event, or the body, for a script that has none of its own
   * @param onAbort called when the peer goes away before the script has ended
   * @param onClose called once when the response is over, whoever ended it
   */
  Playback(
      Vertx vertx,
      HttpServerRequest http,
      Script script,
      Duration pace,
      Duration latency,
      Runnable onAbort,
      Consumer<Playback> onClose) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.http = http;
    this.response = http.response();
    this.script = script;
    this.pace = script.beforeEach().isZero() ? pace : script.beforeEach();
    this.latency = script.beforeFirst().isZero() ? latency : script.beforeFirst();
    this.onAbort = onAbort;
    this.onClose = onClose;
  }

  /** Answers with this instead of what the script says. */
  void refuse(Buffer body, String contentType) {
    whole(body, contentType);
    begin(false);
  }

  void play(AnswerWire wire, boolean streaming) {
    if (streaming) {
      stream(wire);
    } else if (script.trouble() == Trouble.ERROR_EVENT) {
      whole(Buffer.buffer(wire.inBandError()), "application/json");
    } else {
      whole(Buffer.buffer(wire.whole()), "application/json");
    }
    begin(streaming);
  }

  private void begin(boolean streaming) {
    divide();
    response.closeHandler(closed -> {
      boolean left = !over && !stopped;
      close(); // first: who sees that it was left shall not find it open
      if (left) {
        onAbort.run();
      }
    });
    boolean held = script.heldAfter() == 0 || script.heldAfter() > 0 && !streaming;
    Future<?> gate = held ? script.release() : Future.succeededFuture();
    gate.onSuccess(released -> after(script.beforeHead(), this::head));
  }

  /** Ends the play, from any thread, without counting it as aborted by the peer. */
  void stop() {
    stopped = true;
  }

  private void stream(AnswerWire wire) {
    response.setChunked(true).putHeader("Content-Type", script.contentTypeOr(wire.contentType()));
    if (troubled(wire, 0)) {
      return;
    }
    beats.add(new Beat(wire.opening(), latency));
    for (int index = 0; index < wire.pieces(); index++) {
      beats.add(new Beat(wire.piece(index), index == 0 ? Duration.ZERO : pace));
      if (script.heldAfter() == index + 1) {
        beats.add(new Beat(script.release()));
      }
      if (troubled(wire, index + 1)) {
        return;
      }
    }
    if (script.troubledInStream() && script.troubleAfter() > wire.pieces() && trouble(wire)) {
      return;
    }
    wire.closing().forEach(event -> beats.add(new Beat(event, Duration.ZERO)));
  }

  private boolean troubled(AnswerWire wire, int pieces) {
    return script.troubledInStream() && script.troubleAfter() == pieces && trouble(wire);
  }

  /** Returns whether nothing of the answer follows. */
  private boolean trouble(AnswerWire wire) {
    switch (script.trouble()) {
      case MALFORMED -> beats.add(new Beat(wire.malformed(), Duration.ZERO));
      case ERROR_EVENT -> beats.add(new Beat(wire.errorEvent(), Duration.ZERO));
      case CUT -> ending = Ending.CUT;
      case STALL -> stall();
      case HANG -> ending = Ending.SILENCE;
      case NONE, RESET_BEFORE_HEAD, HANG_BEFORE_HEAD, END -> {}
    }
    return script.trouble() != Trouble.MALFORMED;
  }

  private void stall() {
    beats.add(new Beat("", script.stall()));
    ending = Ending.CUT;
  }

  private void whole(Buffer body, String contentType) {
    Buffer sent = body;
    switch (script.trouble()) {
      case CUT, STALL -> ending = Ending.CUT;
      case HANG -> ending = Ending.SILENCE;
      case NONE, RESET_BEFORE_HEAD, HANG_BEFORE_HEAD, END, MALFORMED, ERROR_EVENT -> {}
    }
    if (ending != Ending.ORDERLY
        || script.trouble() == Trouble.END
        || script.trouble() == Trouble.MALFORMED) {
      sent = script.troubleAfter() == 0 ? Buffer.buffer() : body.getBuffer(0, body.length() / 2);
    }
    int announced = ending == Ending.ORDERLY ? sent.length() : body.length();
    response
        .putHeader("Content-Type", script.contentTypeOr(contentType))
        .putHeader("Content-Length", String.valueOf(announced));
    if (sent.length() > 0) {
      beats.add(new Beat(sent, latency, Future.succeededFuture()));
    }
    if (script.trouble() == Trouble.STALL) {
      stall();
    }
  }

  /** Divides the bytes into writes otherwise than one for each event. */
  private void divide() {
    if (script.delivery() == Delivery.EVENT_BY_EVENT || beats.isEmpty()) {
      return;
    }
    Deque<Beat> written = new ArrayDeque<>(beats);
    beats.clear();
    if (script.delivery() == Delivery.ONE_WRITE) {
      Buffer all = Buffer.buffer();
      written.forEach(beat -> all.appendBuffer(beat.bytes()));
      beats.add(new Beat(all, latency, Future.succeededFuture()));
      return;
    }
    for (Beat beat : written) {
      List<Buffer> parts = parts(beat.bytes());
      for (int at = 0; at < parts.size(); at++) {
        beats.add(new Beat(parts.get(at), at == 0 ? beat.pause() : Duration.ZERO, beat.gate()));
      }
      if (parts.isEmpty()) {
        beats.add(beat);
      }
    }
  }

  /** Cut behind every byte, or only within characters of several bytes. */
  private List<Buffer> parts(Buffer bytes) {
    List<Buffer> parts = new ArrayList<>();
    int begin = 0;
    for (int end = 1; end <= bytes.length(); end++) {
      boolean inCharacter = end < bytes.length() && (bytes.getByte(end) & 0xC0) == 0x80;
      if (script.delivery() == Delivery.BYTE_BY_BYTE || inCharacter || end == bytes.length()) {
        parts.add(bytes.getBuffer(begin, end));
        begin = end;
      }
    }
    return parts;
  }

  private void head() {
    if (over || script.trouble() == Trouble.HANG_BEFORE_HEAD) {
      return;
    }
    if (script.trouble() == Trouble.RESET_BEFORE_HEAD) {
      reset();
      return;
    }
    if (script.delivery() == Delivery.ONE_WRITE && latency.isZero()) {
      next();
    } else {
      response.writeHead().onSuccess(sent -> next());
    }
  }

  private void next() {
    if (over) {
      return;
    }
    Beat beat = beats.poll();
    if (beat == null) {
      end();
      return;
    }
    beat.gate()
        .onSuccess(released ->
            after(script.isHurried() ? Duration.ZERO : beat.pause(), () -> write(beat.bytes())));
  }

  private void write(Buffer bytes) {
    if (over) {
      return;
    }
    if (bytes.length() == 0) {
      next();
    } else if (script.delivery() == Delivery.ONE_WRITE && ending == Ending.ORDERLY) {
      close();
      response.end(bytes);
    } else {
      // The next write comes only when this one is with the kernel, and in a turn of the loop of
      // its own: so each is
      // flushed alone, and a reader that does not read holds the script back.
      response.write(bytes).onSuccess(written -> after(Duration.ZERO, this::next));
    }
  }

  private void end() {
    switch (ending) {
      case ORDERLY -> {
        close();
        response.end();
      }
      case CUT -> cut();
      case SILENCE -> {}
    }
  }

  private void cut() {
    close();
    http.connection().close();
  }

  /** With a reset instead of an orderly end: Vert.x has no word for it. */
  private void reset() {
    if (http.connection() instanceof ConnectionBase connection) {
      connection.channel().config().setOption(ChannelOption.SO_LINGER, 0);
    }
    cut();
  }

  private void close() {
    if (!over) {
      over = true;
      beats.clear();
      onClose.accept(this);
    }
  }

  /** Comes back to the loop of this response from whichever thread has opened a gate. */
  private void after(Duration pause, Runnable action) {
    context.runOnContext(turn -> {
      if (pause.isZero()) {
        action.run();
      } else {
        vertx.setTimer(pause.toMillis(), fired -> action.run());
      }
    });
  }
}
