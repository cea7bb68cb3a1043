package io.consoul.launcher;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.consoul.config.Secret;
import io.consoul.testkit.Ports;
import io.consoul.testkit.TlsCertificate;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.eventbus.ReplyException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("An event bus with a key store")
class EventBusTlsIT {

  private static final String ADDRESS = "test.tls";

  private static final EventBusConfig NONE = new EventBusConfig(Optional.empty(), Optional.empty());

  @TempDir
  private Path folder;

  private final List<Vertx> members = new ArrayList<>();
  private final List<String> taken = new CopyOnWriteArrayList<>();
  private final String cluster = "test-" + ProcessHandle.current().pid() + "-tls";
  private final int first = Ports.free();
  private final int second = Ports.free();
  private final int port = Ports.free();

  @AfterEach
  void leave() throws Exception {
    for (Vertx member : members) {
      member.close().await(20, SECONDS);
    }
  }

  @Test
  @DisplayName(
      "takes messages from a member with the key, and from no member without, nor from outside")
  void members() throws Exception {
    EventBusConfig shared = store("shared");
    serve(join(first, second, shared, port));
    Vertx friend = join(second, first, shared, 0);

    assertThat(friend.eventBus().request(ADDRESS, "friend").await(20, SECONDS).body())
        .isEqualTo("friend, too");
    EventBusOptions trusting = new EventBusOptions().setHost("127.0.0.1");
    EventBusTls.apply(store("of its own"), trusting);
    Vertx stranger = join(Ports.free(), first, trusting.setTrustAll(true));
    assertThatThrownBy(() -> stranger
            .eventBus()
            .request(ADDRESS, "stranger", new DeliveryOptions().setSendTimeout(1_500))
            .await(20, SECONDS))
        .isInstanceOf(ReplyException.class);
    ForgedFrame.send(port, ADDRESS, "outsider");

    friend.eventBus().request(ADDRESS, "friend").await(20, SECONDS);
    assertThat(taken).containsExactly("friend", "friend");
  }

  @Test
  @DisplayName("is needed: without one, a frame from outside is taken for a member's")
  void without() throws Exception {
    serve(join(first, second, NONE, port));

    ForgedFrame.send(port, ADDRESS, "outsider");

    await().until(() -> taken.equals(List.of("outsider")));
  }

  @Test
  @DisplayName("is not opened where it cannot be, and the message tells what to do")
  void unusable() throws Exception {
    Path store = Path.of(store("good").keyStore().orElseThrow());
    assertRefused(folder.resolve("none.p12"), TlsCertificate.PASSWORD, "there is no such file");
    assertRefused(store, "guessed", "the password is not the file's");
    Path text = Files.writeString(folder.resolve("text.p12"), "no key store");
    assertRefused(text, TlsCertificate.PASSWORD, "it is not a PKCS#12 file");
    assertRefused(folder, TlsCertificate.PASSWORD, "it may not be read");
    assertRefused(
        withAnotherKey(store, TlsCertificate.PASSWORD), TlsCertificate.PASSWORD, "it has 2 keys");
    assertRefused(
        withAnotherKey(store, "another one"), TlsCertificate.PASSWORD, "or not the key's");
  }

  /** @param password of that key */
  private Path withAnotherKey(Path file, String password) throws Exception {
    char[] open = TlsCertificate.PASSWORD.toCharArray();
    KeyStore store = KeyStore.getInstance(file.toFile(), open);
    store.setKeyEntry(
        "another",
        store.getKey("server", open),
        password.toCharArray(),
        store.getCertificateChain("server"));
    Path more = folder.resolve("more-" + password.length() + ".p12");
    try (OutputStream out = Files.newOutputStream(more)) {
      store.store(out, open);
    }
    return more;
  }

  private static void assertRefused(Path store, String password, String reason) {
    assertThatThrownBy(() -> EventBusTls.apply(config(store, password), new EventBusOptions()))
        .isInstanceOf(StartException.class)
        .hasMessageContaining(reason)
        .hasMessageNotContaining(password);
  }

  private void serve(Vertx member) throws Exception {
    member
        .eventBus()
        .<String>consumer(ADDRESS, message -> {
          taken.add(message.body());
          message.reply(message.body() + ", too");
        })
        .completion()
        .await(20, SECONDS);
  }

  private Vertx join(int own, int other, EventBusConfig tls, int busPort) throws Exception {
    EventBusOptions bus = new EventBusOptions().setHost("127.0.0.1").setPort(busPort);
    EventBusTls.apply(tls, bus);
    return join(own, other, bus);
  }

  private Vertx join(int own, int other, EventBusOptions bus) throws Exception {
    Vertx member = EchoNode.join(cluster, own, other, bus);
    members.add(member);
    return member;
  }

  private EventBusConfig store(String name) throws Exception {
    Path own = Files.createDirectory(folder.resolve(name));
    return config(TlsCertificate.make(own, "ip:127.0.0.1").keyStore(), TlsCertificate.PASSWORD);
  }

  private static EventBusConfig config(Path store, String password) {
    return new EventBusConfig(Optional.of(store.toString()), Optional.of(new Secret(password)));
  }
}
