package io.consoul.session;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Accepted;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.CancelTurn;
import io.consoul.message.Cancelled;
import io.consoul.message.Kind;
import io.consoul.message.ReadSession;
import io.consoul.message.SessionId;
import io.consoul.message.SessionInfo;
import io.consoul.message.SessionRequest;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.consoul.node.Node;
import io.consoul.testkit.ListeningInbox;
import io.consoul.testkit.ScriptedProvider;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A node with a session verticle on it and one who asks it for turns. */
final class SessionNode {

  /** A clock that a test puts forward is no standstill of the process. */
  private static final Duration NEVER = Duration.ZERO;

  static final Duration SOON = Duration.ofSeconds(20);

  final Vertx vertx;
  final Node node;
  final ListeningInbox gateway;
  private String deployment;

  private SessionNode(Vertx vertx, Node node, ListeningInbox gateway) {
    this.vertx = vertx;
    this.node = node;
    this.gateway = gateway;
  }

  static SessionNode start(Vertx vertx, JsonObject config) throws TimeoutException {
    return start(vertx, config, InstantSource.system());
  }

  static SessionNode start(Vertx vertx, JsonObject config, InstantSource clock)
      throws TimeoutException {
    Node node = Node.join(vertx, clock).await(20, SECONDS);
    ListeningInbox gateway = ListeningInbox.open(node.bus()).await(20, SECONDS);
    SessionNode started = new SessionNode(vertx, node, gateway);
    started.deploy(config);
    return started;
  }

  void deploy(JsonObject config) throws TimeoutException {
    SessionConfig typed =
        SessionConfig.from(new JsonObject().put("instances", 1).mergeIn(config));
    deployment = vertx
        .deployVerticle(
            () -> new SessionVerticle(typed, node, null, NEVER),
            new DeploymentOptions().setInstances(typed.instances()))
        .await(20, SECONDS);
  }

  ScriptedProvider provider() throws TimeoutException {
    return ScriptedProvider.start(node).await(20, SECONDS);
  }

  Future<Void> undeploy() {
    return vertx.undeploy(deployment);
  }

  BeginTurn turn(String session, String text) {
    TurnId id = TurnId.mint(new SessionId(session), node.random());
    return new BeginTurn(id, Tenant.DEFAULT, text, null, gateway.listener());
  }

  /** Asks the owner of the session. */
  Future<BusMessage> ask(SessionRequest request) {
    String owner = node.directory()
        .pickFor(Kind.SESSION, request.sessionKey())
        .orElseThrow()
        .inbox();
    return node.bus().ask(Kind.SESSION, owner, request, SOON);
  }

  BusMessage get(SessionRequest request) throws TimeoutException {
    return ask(request).await(20, SECONDS);
  }

  /** Begins a turn that need not wait for others, and waits until a provider has it. */
  Accepted accepted(BeginTurn turn) throws TimeoutException {
    return accepted(turn, ask(turn));
  }

  /** Who has the turn: that is the reply, or is told later where it took longer than a reply may. */
  Accepted accepted(BeginTurn turn, Future<BusMessage> reply) throws TimeoutException {
    return reply.await(20, SECONDS) instanceof Accepted accepted
        ? accepted
        : gateway.received().await(Accepted.class, told -> told.turn().equals(turn.turn()));
  }

  Future<BusMessage> attach(BeginTurn turn, int after) {
    return ask(new AttachTurn(turn.turn(), turn.tenant(), after, gateway.listener()));
  }

  /** @param turn null for the one in progress */
  Future<TurnId> cancel(String session, TurnId turn) {
    return ask(new CancelTurn(new SessionId(session), Tenant.DEFAULT, turn))
        .map(reply -> ((Cancelled) reply).turn());
  }

  /** How many turns the instance says to have. */
  int load() {
    return node.directory().pick(Kind.SESSION).orElseThrow().load();
  }

  SessionInfo read(String session) throws TimeoutException {
    return (SessionInfo) get(new ReadSession(new SessionId(session), Tenant.DEFAULT));
  }

  static void assertFault(Fault expected, Future<?> reply) {
    assertFault(expected, () -> reply.await(20, SECONDS));
  }

  static void assertFault(Fault expected, ThrowingCallable call) {
    FaultException failure = catchThrowableOfType(FaultException.class, call);
    assertThat(failure).isNotNull();
    assertThat(failure.fault()).isEqualTo(expected);
  }
}
