package io.consoul.launcher.tryout;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/** A cluster on this machine, one process per node, from its start until it is told to stop or its last node has ended. */
public final class Tryout {

  private static final int FAILED = 1;

  /** More than a node gives itself before it says why it cannot start. */
  private static final Duration STARTING = Duration.ofSeconds(150);

  /** What a node may take besides, to seal what was cut and to leave. */
  private static final Duration LEAVING = Duration.ofSeconds(30);

  private final Plan plan;
  private final JavaCommand java;
  private final Console console;
  private final String name;
  private final Ports ports;
  private final List<Member> members = new ArrayList<>();
  private final CountDownLatch noneLeft = new CountDownLatch(1);
  private HomeFolders homes;
  private boolean started;
  private boolean stopping;
  private volatile boolean returning;

  public Tryout(
      Plan plan, JavaCommand java, RandomGenerator random, PrintWriter out, PrintWriter err) {
    this.plan = plan;
    this.java = java;
    this.console = new Console(out, err, plan.logs());
    this.name = "tryout-" + Long.toHexString(random.nextLong());
    this.ports = new Ports(random);
  }

  /**
   * Blocks while there are nodes. Ctrl-C and SIGTERM stop them and end the process with 0.
   *
   * @return the status to exit with where no node has started, or none is left
   */
  public int run() throws InterruptedException {
    Runtime.getRuntime().addShutdownHook(new Thread(this::endProcess, "consoul-cluster-stop"));
    try {
      start();
      console.say(new Example(alive(), name, plan.keyOption()).text());
      noneLeft.await();
      console.complain("No node is left.");
    } catch (TryoutException failed) {
      if (isStopping()) {
        return FAILED; // the hook has ended the nodes, and ends this process
      }
      console.complain(failed.getMessage());
    }
    stop();
    ports.close();
    returning = true;
    return FAILED;
  }

  private void start() throws InterruptedException {
    List<Integer> memberPorts = new ArrayList<>();
    for (int node = 0; node < plan.nodes(); node++) {
      memberPorts.add(ports.any());
    }
    try {
      int up = 0;
      for (int node = 0; node < plan.nodes(); node++) {
        while (up < mustBeUpBefore(node)) {
          awaitUp(members.get(up++));
        }
        launch(memberPorts, node);
      }
      while (up < plan.nodes()) {
        awaitUp(members.get(up++));
      }
      begun();
    } catch (IOException failed) {
      throw new TryoutException("Cannot start a node: " + failed.getMessage());
    }
  }

  /**
   * The first one, for nodes that start at the same time may each be the first one, of several clusters. Then no more start at
   * once than there are cores: those that are up would be short of time for their heartbeats.
   */
  private static int mustBeUpBefore(int node) {
    int atOnce = Runtime.getRuntime().availableProcessors();
    return node == 0 ? 0 : Math.max(1, node - atOnce + 1);
  }

  private synchronized void launch(List<Integer> memberPorts, int index) throws IOException {
    if (stopping) {
      throw new TryoutException("Told to stop.");
    }
    if (homes == null) {
      homes = new HomeFolders();
    }
    Path home = homes.add(MemberFile.of(plan.home(), name, memberPorts, memberPorts.get(index)));
    Role role = Role.of(index, plan.split());
    List<String> arguments = new ArrayList<>(plan.arguments());
    String url = null;
    if (role.hasGateway()) {
      int port = ports.from(plan.address(), plan.firstPort());
      arguments.addAll(List.of("--port", Integer.toString(port)));
      url = plan.url().apply(port);
    }
    arguments.addAll(role.arguments());
    ProcessBuilder node = new ProcessBuilder(java.line(home, arguments)).redirectErrorStream(true);
    node.environment().remove("CONSOUL_OBSERVABILITY_METRICS_PORT");
    node.environment().put("CONSOUL_METRICS_PORT", "0"); // any; it says which
    members.add(new Member(index + 1, role, url, node.start(), console, this::ended));
  }

  private void awaitUp(Member member) throws InterruptedException {
    try {
      String metrics = member.up().get(STARTING.toSeconds(), TimeUnit.SECONDS);
      console.say("node " + member.number() + "  " + member.place() + "  metrics " + metrics
          + "  pid " + member.pid());
    } catch (ExecutionException ended) {
      throw new TryoutException("Node " + member.number() + " could not start.");
    } catch (TimeoutException late) {
      throw new TryoutException(
          "Node " + member.number() + " is not up after " + STARTING.toSeconds() + " s.");
    }
  }

  private synchronized void begun() {
    removeHomes();
    started = true;
    noticeNoneLeft();
  }

  private synchronized void ended(Member member, int status) {
    if (stopping) {
      return;
    }
    if (member.wasUp()) {
      console.complain("node " + member.number() + " (pid " + member.pid() + ") "
          + Ending.of(status) + (alive().isEmpty() ? "" : "; the others go on"));
    }
    noticeNoneLeft();
  }

  private void noticeNoneLeft() {
    if (started && alive().isEmpty()) {
      noneLeft.countDown();
    }
  }

  private synchronized List<Member> alive() {
    return members.stream().filter(Member::isAlive).toList();
  }

  private synchronized boolean isStopping() {
    return stopping;
  }

  private void endProcess() {
    if (returning) {
      return;
    }
    console.say(
        "Stopping; turns in progress may finish for up to " + plan.turns().toSeconds() + " s.");
    stop();
    Runtime.getRuntime().halt(0); // the JVM alone would end with 143
  }

  private void stop() {
    console.stopping();
    List<Member> ending;
    synchronized (this) {
      stopping = true;
      ending = List.copyOf(members);
    }
    ending.forEach(Member::terminate);
    Duration limit = plan.turns().plus(LEAVING);
    long deadline = System.nanoTime() + limit.toNanos();
    for (Member member : ending) {
      if (member.end(Duration.ofNanos(deadline - System.nanoTime()))) {
        console.complain("node " + member.number() + " did not stop within " + limit.toSeconds()
            + " s and was killed");
      }
    }
    removeHomes();
  }

  private synchronized void removeHomes() {
    try {
      if (homes != null) {
        homes.close();
      }
    } catch (IOException failed) {
      console.complain("A temporary folder could not be removed: " + failed.getMessage());
    }
  }
}
