package io.consoul.launcher.chat;

import io.consoul.launcher.chat.Event.Alive;
import io.consoul.launcher.chat.Event.Closed;
import io.consoul.launcher.chat.Event.Opened;
import io.consoul.launcher.chat.Event.Refused;
import io.consoul.launcher.chat.Event.Text;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import javax.net.ssl.SSLException;

/**
 * WebSocket connections to one session. It is the JDK's client, which starts in a fraction of the time that Vert.x takes;
 * that one wants sends one after the other, and every message asked for.
 */
final class ChatConnection implements Link, AutoCloseable {

  private static final Duration HANDSHAKE = Duration.ofSeconds(10);
  private static final Duration FAREWELL = Duration.ofSeconds(1);
  private static final ByteBuffer NO_DATA = ByteBuffer.allocate(0);

  /** So many messages may be on their way through the queue. */
  private static final int WINDOW = 32;

  /** No message of the server comes near it: more is not a Consoul. */
  private static final int MAX_LENGTH = 4 * 1024 * 1024;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI uri;
  private final String apiKey;
  private final Events events;
  private int opened;
  private Attempt current;

  /** @param apiKey null for none */
  ChatConnection(URI uri, String apiKey, Events events) {
    this.uri = uri;
    this.apiKey = apiKey;
    this.events = events;
  }

  @Override
  public int open() {
    drop();
    WebSocket.Builder builder = client.newWebSocketBuilder().connectTimeout(HANDSHAKE);
    if (apiKey != null) {
      builder.header("Authorization", "Bearer " + apiKey);
    }
    Attempt attempt = new Attempt(++opened);
    current = attempt;
    attempt.sent = builder.buildAsync(uri, attempt);
    attempt.sent.whenComplete((socket, failure) -> {
      if (failure != null) {
        attempt.failed(failure);
      }
    });
    return attempt.number;
  }

  @Override
  public void send(JsonObject message) {
    String text = message.encode();
    if (current != null) {
      current.send(socket -> socket.sendText(text, true));
    }
  }

  @Override
  public void ping() {
    if (current != null) {
      current.send(socket -> socket.sendPing(NO_DATA));
    }
  }

  @Override
  public void readOn() {
    if (current
        != null) { // what came on a connection that was given up since is still being worked off
      current.readOn();
    }
  }

  @Override
  public void drop() {
    if (current != null) {
      current.ended.set(true);
      current.abort();
      current = null;
    }
  }

  /** Says goodbye, so that the server does not keep the connection until it misses it. */
  @Override
  public void close() {
    Attempt last = current;
    if (last != null && last.socket != null && !last.ended.getAndSet(true)) {
      last.send(socket -> socket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
      last.socket.request(Long.MAX_VALUE); // the peer's close may stand behind other messages
      last.over
          .completeOnTimeout(null, FAREWELL.toMillis(), TimeUnit.MILLISECONDS)
          .join();
    }
    drop();
  }

  /** One connection, from the attempt to open it to its end. */
  private final class Attempt implements WebSocket.Listener {

    private final int number;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private final StringBuilder parts = new StringBuilder();
    private volatile WebSocket socket;
    /** Completes when all that was sent has gone out. */
    private CompletableFuture<WebSocket> sent;

    Attempt(int number) {
      this.number = number;
    }

    void send(Function<WebSocket, CompletableFuture<WebSocket>> sending) {
      sent = sent.thenCompose(sending);
      sent.exceptionally(broken -> {
        end(Closed.BROKEN, "");
        return null;
      });
    }

    void readOn() {
      WebSocket open = socket;
      if (open != null) {
        open.request(1);
      }
    }

    void abort() {
      WebSocket open = socket;
      if (open != null) {
        open.abort();
      }
    }

    void failed(Throwable failure) {
      Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
      if (cause instanceof WebSocketHandshakeException refused) {
        if (!ended.getAndSet(true)) {
          events.add(new Refused(number, refused.getResponse().statusCode()));
        }
      } else {
        end(cause instanceof SSLException ? Closed.NO_TLS : Closed.BROKEN, "");
      }
    }

    @Override
    public void onOpen(WebSocket open) {
      socket = open;
      if (ended.get()) {
        open.abort();
        return;
      }
      events.add(new Opened(number));
      open.request(WINDOW);
    }

    @Override
    public CompletionStage<?> onText(WebSocket open, CharSequence data, boolean last) {
      if (ended.get()) {
        return null;
      }
      parts.append(data);
      if (parts.length() > MAX_LENGTH) {
        end(Closed.BROKEN, "");
        open.abort();
      } else if (last) {
        events.add(new Text(number, parts.toString()));
        parts.setLength(0);
      } else {
        open.request(1);
      }
      return null;
    }

    @Override
    public CompletionStage<?> onPong(WebSocket open, ByteBuffer data) {
      if (!ended.get()) {
        events.add(new Alive(number));
      }
      open.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket open, int code, String reason) {
      end(code, reason);
      return null;
    }

    @Override
    public void onError(WebSocket open, Throwable broken) {
      end(Closed.BROKEN, "");
    }

    private void end(int code, String reason) {
      over.complete(null);
      if (!ended.getAndSet(true)) {
        events.add(new Closed(number, code, reason));
      }
    }
  }
}
