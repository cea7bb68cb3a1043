package io.consoul.testkit;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * An answer that comes as server-sent events, seen from the test thread; every wait has a limit. {@code next} reads on from where
 * it stopped, the other methods see all.
 */
public final class EventStream {

  private final Duration limit;
  private final Arrivals<SseEvent> events;
  private final List<String> comments = new CopyOnWriteArrayList<>();
  private final Promise<HttpClientResponse> head = Promise.promise();
  private final Promise<Buffer> plainBody = Promise.promise();
  private int read;
  private volatile HttpClientRequest request;
  private volatile Throwable failure;

  private EventStream(String source, Duration limit) {
    this.events = new Arrivals<>(source);
    this.limit = limit;
  }

  /** Sends the request and returns at once. */
  static EventStream open(
      String source, Future<HttpClientRequest> opening, Buffer body, Duration limit) {
    EventStream stream = new EventStream(source, limit);
    opening
        .compose(request -> {
          stream.request = request;
          // Before it is sent: a handler that comes later misses what has come.
          request.response().onSuccess(stream::read).onFailure(stream::broken);
          return body == null ? request.end() : request.end(body);
        })
        .onFailure(stream::broken);
    return stream;
  }

  /** Waits for the response head. */
  public int status() {
    return response().statusCode();
  }

  public MultiMap headers() {
    return response().headers();
  }

  /** What has come instead of events, whole: the error before the first byte. */
  public HttpAnswer refusal() {
    int status = status();
    return new HttpAnswer(
        status, headers(), Outcome.of(plainBody.future(), limit, events::description));
  }

  public List<SseEvent> events() {
    return events.all();
  }

  public List<SseEvent> events(String name) {
    return events.all().stream().filter(event -> event.event().equals(name)).toList();
  }

  public List<String> comments() {
    return List.copyOf(comments);
  }

  /** The first event of this name, which may have come already. */
  public SseEvent await(String name) {
    return await(name, limit);
  }

  public SseEvent await(String name, Duration limit) {
    return await(event -> event.event().equals(name), "event " + name, limit);
  }

  public SseEvent await(Predicate<SseEvent> fitting, String wanted, Duration limit) {
    return events.get(events.await(0, fitting, wanted, limit));
  }

  /**
   * The next event, on from where the last call of this has stopped; none where nothing comes within the limit or the stream has
   * ended, which {@link #ended} tells.
   */
  public Optional<SseEvent> next(Duration limit) {
    return events.hasCome(read, limit) ? Optional.of(events.get(read++)) : Optional.empty();
  }

  public SseEvent awaitFirstToken() {
    return await("token");
  }

  /** Waits until the server has ended the response or the connection has broken. */
  public EventStream awaitEnd() {
    return awaitEnd(limit);
  }

  public EventStream awaitEnd(Duration limit) {
    events.awaitEnd(limit);
    return this;
  }

  public boolean ended() {
    return events.ended();
  }

  /** Why the response did not end orderly, or null. */
  public Throwable failure() {
    return failure;
  }

  /** The answer so far, put together from its tokens. */
  public String text() {
    AnswerText text = new AnswerText();
    events("token").forEach(token -> text.add(token.json()));
    return text.toString();
  }

  /** Where a client would go on from: the id of the newest event that has one, or null. */
  public String lastEventId() {
    return events.all().stream()
        .map(SseEvent::id)
        .filter(id -> id != null)
        .reduce(null, (older, newer) -> newer);
  }

  /** Stops reading, as a client that is too slow; {@link #resume} ends it. Only after the response head has come. */
  public EventStream pause() {
    response().pause();
    return this;
  }

  public EventStream resume() {
    response().resume();
    return this;
  }

  /** Goes away in the middle, as a client that loses its connection. */
  public void abort() {
    HttpClientRequest sent = request;
    if (sent != null) {
      sent.reset();
    }
    events.end("aborted by the test");
  }

  private HttpClientResponse response() {
    return Outcome.of(head.future(), limit, events::description);
  }

  private void read(HttpClientResponse response) {
    String type = response.getHeader("Content-Type");
    response.exceptionHandler(this::broken);
    if (type != null && type.startsWith("text/event-stream")) {
      SseReader reader = new SseReader(events::add, comments::add);
      response.handler(reader::read);
      response.endHandler(ended -> events.end("response ended"));
    } else {
      response.body().onSuccess(body -> {
        plainBody.tryComplete(body);
        events.end("no event stream but " + response.statusCode() + " " + body);
      });
    }
    head.tryComplete(response);
  }

  private void broken(Throwable cause) {
    failure = failure == null ? cause : failure;
    head.tryFail(cause);
    plainBody.tryFail(cause);
    events.end("broken: " + cause);
  }
}
