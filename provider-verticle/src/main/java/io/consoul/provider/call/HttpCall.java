package io.consoul.provider.call;

import io.consoul.message.Aside;
import io.consoul.provider.Completion;
import io.consoul.provider.CompletionSink;
import io.consoul.provider.CompletionStream;
import io.consoul.provider.Upstream;
import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.wire.AnswerReader;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.Overflow;
import io.consoul.provider.wire.Reading;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One question and what its provider says to it. Whatever happens, the sink hears of one end, and of nothing after it. */
final class HttpCall implements CompletionStream, Exchange.Caller {

  private static final Logger log = LoggerFactory.getLogger(HttpCall.class);

  /** How long after its last event a response may take to end, so that its connection can be used again. */
  private static final Duration LINGER = Duration.ofSeconds(2);

  private final Line line;
  private final Upstream.Times times;
  private final Failures failures;
  private final CompletionSink sink;
  private final AnswerReader reader;
  private final Reading reading;
  private final Patience patience;
  private final Exchange exchange;
  private final String model;
  private final Instant opened;
  private HttpClientResponse response;
  private ErrorBody error;
  private boolean spoke;
  private boolean paused;

  /** The sink has heard its last word, or wants to hear no more. */
  private boolean over;

  /** @param onOver called once, when nothing is left of it */
  HttpCall(Line line, Completion completion, CompletionSink sink, Consumer<HttpCall> onOver) {
    this.line = line;
    this.times = line.upstream().times();
    this.model = completion.model();
    this.failures = new Failures(line.upstream().name(), model, line.clock());
    this.sink = sink;
    this.reader = line.format().reader(failures);
    this.reading = reader.reading();
    this.patience = new Patience(line.watchdog());
    this.exchange = new Exchange(line, completion, patience, this, () -> onOver.accept(this));
    this.opened = line.clock().instant();
  }

  void begin() {
    if (over) {
      return;
    }
    patience.allow(times.call(), () -> fail(failures.tooLongInAll(times.call())));
    if (!exchange.begin()) {
      fail(failures.busy());
    }
  }

  @Override
  public void pause() {
    if (paused || over) {
      return;
    }
    paused = true;
    if (isStreaming()) {
      patience.pause();
      response.pause();
    }
  }

  @Override
  public void resume() {
    if (!paused || over) {
      return;
    }
    paused = false;
    if (isStreaming()) {
      patience.resume();
      response.resume();
    }
  }

  @Override
  public void cancel() {
    if (!over) {
      settle();
      exchange.abandon();
    }
  }

  /** Leaves nothing behind, not even what is only waiting for the end of a response. */
  void close() {
    cancel();
    exchange.abandon();
  }

  @Override
  public void neverItsTurn() {
    fail(failures.busy());
  }

  @Override
  public void notConnected(boolean full) {
    fail(full ? failures.busy() : failures.unreachable());
  }

  @Override
  public void notAnswered() {
    exchange.doubtConnection();
    fail(failures.silent(false, times.firstByte()));
  }

  @Override
  public void notAsked(RuntimeException defect) {
    // Its message may quote the request.
    log.error(
        "no request to provider {}: {}",
        line.upstream().name(),
        defect.getClass().getName());
    fail(failures.broken());
  }

  @Override
  public void lost(Throwable failure) {
    if (over) {
      return;
    }
    log.warn(
        "provider {} lost a request: {}",
        line.upstream().name(),
        failure.getClass().getSimpleName());
    if (error != null) {
      fail(error.failure());
    } else if (response != null) {
      endOfStream();
    } else if (failure instanceof ConnectionPoolTooBusyException) {
      fail(failures.busy());
    } else {
      fail(isNoHttp(failure) ? failures.unreadable() : failures.unreachable());
    }
  }

  @Override
  public void answered(HttpClientResponse arrived) {
    response = arrived;
    if (response.statusCode() < 200 || response.statusCode() > 299) {
      readError();
    } else if (isStream()) {
      readStream();
    } else {
      log.warn("provider {} answered with no stream", line.upstream().name());
      fail(failures.notAStream());
    }
  }

  /** What came instead of a response's head. */
  private static boolean isNoHttp(Throwable failure) {
    return failure instanceof IllegalArgumentException
        || failure instanceof IllegalStateException
        || failure instanceof DecoderException;
  }

  private boolean isStreaming() {
    return response != null && error == null;
  }

  /** A response that does not say what it is may be one, and one without a body is an answer that ended early. */
  private boolean isStream() {
    String type = response.getHeader(HttpHeaders.CONTENT_TYPE);
    return type == null
        || type.isBlank()
        || response.statusCode() == 204
        || "0".equals(response.getHeader(HttpHeaders.CONTENT_LENGTH))
        || line.format().isStream(type.strip().toLowerCase(Locale.ROOT));
  }

  private void readError() {
    error = new ErrorBody(response, line.format(), failures);
    patience.step(ErrorBody.PATIENCE, () -> fail(error.failure()));
    error.read(
        () -> {
          exchange.complete();
          fail(error.failure());
        },
        () -> fail(error.failure()));
  }

  private void readStream() {
    if (Encoding.of(response.getHeader(HttpHeaders.CONTENT_ENCODING)) != Encoding.PLAIN) {
      log.warn("provider {} sent an encoded stream", line.upstream().name());
      fail(failures.unreadable());
      return;
    }
    patience.step(times.silence(), this::silent);
    response.handler(this::bytes);
    response.endHandler(last -> {
      exchange.complete();
      endOfStream();
    });
    if (paused) {
      patience.pause();
      response.pause();
    }
  }

  private void bytes(Buffer chunk) {
    if (over) {
      return;
    }
    patience.touch();
    if (!understood(() -> reader.feed(chunk))) {
      return;
    }
    sayWhatCame();
    if (reading.failure() != null || reading.isDone()) {
      conclude();
    }
  }

  private void endOfStream() {
    if (!over && understood(reader::end)) {
      sayWhatCame();
      conclude();
    }
  }

  private boolean understood(Runnable read) {
    try {
      read.run();
      return true;
    } catch (Overflow overflow) {
      log.warn("provider {} sent an event without end", line.upstream().name());
      sayWhatCame();
      fail(failures.unreadable());
    } catch (RuntimeException defect) {
      log.error(
          "provider {} sent what broke its reader: {}",
          line.upstream().name(),
          defect.getClass().getName());
      fail(failures.broken());
    }
    return false;
  }

  /** What one read has brought travels as one piece. */
  private void sayWhatCame() {
    for (Aside aside : reading.takeAsides()) {
      if (!over) {
        sink.aside(aside);
      }
    }
    String text = reading.takeText();
    if (!text.isEmpty() && !over) {
      if (!spoke) {
        spoke = true;
        line.meters().firstToken(model, Duration.between(opened, line.clock().instant()));
      }
      sink.text(text);
    }
  }

  /** Nothing more comes: either this is the answer, or it is not. */
  private void conclude() {
    if (over) {
      return;
    }
    UpstreamFailure shortcoming = reading.shortcoming();
    if (shortcoming != null) {
      fail(shortcoming);
      return;
    }
    settle();
    if (!exchange.isOver()) {
      letEnd();
    }
    sink.end(reading.finishReason(), reading.usage());
  }

  private void letEnd() {
    if (reading.isDone()) {
      response.resume();
      patience.step(LINGER, exchange::abandon);
    } else {
      exchange.abandon();
    }
  }

  private void silent() {
    exchange.doubtConnection();
    if (reading.isFinished()) {
      conclude();
    } else {
      fail(failures.silent(true, times.silence()));
    }
  }

  private void fail(UpstreamFailure failure) {
    if (!over) {
      cancel();
      sink.fail(failure);
    }
  }

  private void settle() {
    over = true;
    int malformed = reading.malformed();
    if (malformed > 0) {
      line.meters().malformed(malformed);
      log.warn(
          "provider {} sent {} malformed chunks, passed over", line.upstream().name(), malformed);
    }
  }
}
