package io.consoul.provider.call;

import io.consoul.message.Aside;
import io.consoul.provider.CompletionSink;
import io.consoul.provider.CompletionStream;
import io.consoul.provider.Upstream;
import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.Watchdog;
import io.consoul.provider.wire.AnswerReader;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.Overflow;
import io.consoul.provider.wire.Reading;
import io.consoul.provider.wire.WireFormat;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its response. Whatever happens, the sink hears of one end, and a request that has not come to its own
 * end is reset: one that were left alone would keep its connection for ever.
 */
final class HttpCall implements CompletionStream {

  private static final Logger log = LoggerFactory.getLogger(HttpCall.class);

  /** How long after its last event a response may take to end, so that its connection can be used again. */
  private static final Duration LINGER = Duration.ofSeconds(2);

  private static final long CANCEL = 8;

  private final Upstream upstream;
  private final WireFormat format;
  private final Failures failures;
  private final CompletionSink sink;
  private final AnswerReader reader;
  private final Reading reading;
  private final Watchdog watchdog;
  private Watchdog.Watch watch;
  private HttpClientRequest request;
  private HttpClientResponse response;
  private ErrorBody error;
  private boolean paused;
  private boolean ended;

  /** The sink has heard its last word, or wants to hear no more. */
  private boolean over;

  HttpCall(
      Upstream upstream,
      WireFormat format,
      Failures failures,
      Watchdog watchdog,
      CompletionSink sink) {
    this.upstream = upstream;
    this.format = format;
    this.failures = failures;
    this.sink = sink;
    this.reader = format.reader(failures);
    this.reading = reader.reading();
    this.watchdog = watchdog;
    this.watch = watchdog.watch(upstream.times().silence(), this::silent);
  }

  /** Whether there is nobody left to answer. */
  boolean isOver() {
    return over;
  }

  /** There is a connection. */
  void send(HttpClientRequest connected, Buffer body) {
    request = connected;
    // Vert.x tells the same failure here and through the future, and logs it where nobody listens.
    request.exceptionHandler(failure -> {});
    if (over) {
      request.reset(CANCEL);
      return;
    }
    request.send(body).onSuccess(this::head).onFailure(this::lost);
  }

  /** There is no connection, or no longer one. */
  void lost(Throwable failure) {
    ended = true;
    if (over) {
      watch.close();
      return;
    }
    log.warn(
        "provider {} lost a request: {}", upstream.name(), failure.getClass().getSimpleName());
    if (failure instanceof ConnectionPoolTooBusyException) {
      fail(failures.busy());
    } else if (error != null) {
      fail(error.failure());
    } else if (response != null) {
      endOfStream();
    } else {
      fail(failures.unreachable());
    }
  }

  @Override
  public void pause() {
    if (paused || over) {
      return;
    }
    paused = true;
    watch.pause();
    if (response != null) {
      response.pause();
    }
  }

  @Override
  public void resume() {
    if (!paused || over) {
      return;
    }
    paused = false;
    watch.resume();
    if (response != null) {
      response.resume();
    }
  }

  @Override
  public void cancel() {
    if (over) {
      return;
    }
    over = true;
    watch.close();
    if (request != null) {
      request.reset(CANCEL);
    }
  }

  private void head(HttpClientResponse arrived) {
    response = arrived;
    watch.touch();
    response.exceptionHandler(this::lost);
    if (response.statusCode() < 200 || response.statusCode() > 299) {
      error = new ErrorBody(response, format, failures);
      error.read(this::fail);
    } else if (isStream()) {
      readStream();
    } else {
      log.warn("provider {} answered with no stream", upstream.name());
      fail(failures.notAStream());
    }
    if (paused && !over) {
      response.pause();
    }
  }

  private boolean isStream() {
    String type = response.getHeader(HttpHeaders.CONTENT_TYPE);
    return type != null && format.isStream(type.toLowerCase(Locale.ROOT));
  }

  private void readStream() {
    response.handler(this::bytes);
    response.endHandler(last -> {
      ended = true;
      if (over) {
        watch.close();
      } else {
        endOfStream();
      }
    });
  }

  private void endOfStream() {
    reader.end();
    sayWhatCame();
    conclude();
  }

  private void bytes(Buffer chunk) {
    if (over) {
      return;
    }
    watch.touch();
    try {
      reader.feed(chunk);
    } catch (Overflow overflow) {
      log.warn("provider {} sent an event without end", upstream.name());
      fail(failures.unreadable());
      return;
    }
    sayWhatCame();
    if (reading.failure() != null || reading.isDone()) {
      conclude();
    }
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
      sink.text(text);
    }
  }

  /** Nothing more comes: either this is the answer, or it is not. */
  private void conclude() {
    if (over) {
      return;
    }
    if (reading.malformed() > 0) {
      log.warn(
          "provider {} sent {} malformed chunks, passed over",
          upstream.name(),
          reading.malformed());
    }
    UpstreamFailure shortcoming = reading.shortcoming();
    if (shortcoming != null) {
      fail(shortcoming);
      return;
    }
    over = true;
    watch.close();
    if (!ended) {
      letEnd();
    }
    sink.end(reading.finishReason(), reading.usage());
  }

  private void letEnd() {
    if (reading.isDone()) {
      response.resume();
      watch = watchdog.watch(LINGER, () -> request.reset(CANCEL));
    } else {
      request.reset(CANCEL);
    }
  }

  private void silent() {
    if (error != null) {
      fail(error.failure());
    } else if (reading.isFinished()) {
      conclude();
    } else {
      fail(failures.silent(response != null, upstream.times().silence()));
    }
  }

  private void fail(UpstreamFailure failure) {
    if (!over) {
      cancel();
      sink.fail(failure);
    }
  }
}
