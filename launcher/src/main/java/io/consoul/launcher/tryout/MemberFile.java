package io.consoul.launcher.tryout;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * The cluster.xml of one node: the project's own, so that what is tried out behaves as what will run, under a name and with
 * members that no other cluster has. Each node has a file of its own, because its port is one of several that are not in a row.
 */
final class MemberFile {

  static final String NAME = "cluster.xml";

  private static final Set<String> BUS_ADDRESSES = Set.of(
      "consoul.event-bus.host",
      "consoul.event-bus.port",
      "consoul.event-bus.public-host",
      "consoul.event-bus.public-port");

  private final Document document;

  private MemberFile(Document document) {
    this.document = document;
  }

  /**
   * @param projectHome folder of the project's own
   * @param cluster the name
   * @param ports those of all members
   * @param port this node's
   */
  static MemberFile of(Path projectHome, String cluster, List<Integer> ports, int port) {
    Path file = projectHome.resolve(NAME);
    if (!Files.isReadable(file)) {
      throw new TryoutException("Cannot start a cluster: there is no " + NAME + " in "
          + projectHome.toAbsolutePath().normalize()
          + ". Start with ./consoul, or set -Dconsoul.home.");
    }
    try {
      Document document = parser().parse(file.toFile());
      Element root = document.getDocumentElement();
      remove(root, "cluster-name");
      remove(root, "network");
      remove(root, "advanced-network");
      removeBusAddresses(root);
      String sections = sections(root.getNamespaceURI(), cluster, ports, port);
      Node own = parser().parse(new InputSource(new StringReader(sections))).getDocumentElement();
      for (Node section = own.getFirstChild();
          section != null;
          section = section.getNextSibling()) {
        root.appendChild(document.importNode(section, true));
      }
      return new MemberFile(document);
    } catch (IOException | SAXException | ParserConfigurationException malformed) {
      throw new TryoutException("Cannot read " + NAME + ": " + malformed.getMessage());
    }
  }

  void write(Path file) throws IOException {
    try {
      TransformerFactory.newInstance()
          .newTransformer()
          .transform(new DOMSource(document), new StreamResult(file.toFile()));
    } catch (TransformerException failed) {
      throw new IOException(failed.getMessage(), failed);
    }
  }

  private static String sections(String namespace, String cluster, List<Integer> ports, int port) {
    return """
        <hazelcast xmlns="%s">
          <cluster-name>%s</cluster-name>
          <network>
            <port auto-increment="false">%d</port>
            <join>
              <auto-detection enabled="false"/>
              <multicast enabled="false"/>
              <tcp-ip enabled="true" connection-timeout-seconds="2">
                <member-list>%s</member-list>
              </tcp-ip>
            </join>
            <interfaces enabled="true">
              <interface>127.0.0.1</interface>
            </interfaces>
          </network>
        </hazelcast>
        """.formatted(
            namespace == null ? "" : namespace,
            cluster,
            port,
            ports.stream()
                .map(member -> "<member>127.0.0.1:" + member + "</member>")
                .collect(Collectors.joining()));
  }

  private static void remove(Element root, String name) {
    removeAll(root.getElementsByTagNameNS("*", name), element -> element.getParentNode() == root);
  }

  /** Of one machine's one node; without them each takes the address of its Hazelcast member and a free port. */
  private static void removeBusAddresses(Element root) {
    removeAll(
        root.getElementsByTagNameNS("*", "property"),
        element -> BUS_ADDRESSES.contains(element.getAttribute("name").strip()));
  }

  private static void removeAll(NodeList elements, Predicate<Element> unwanted) {
    for (int i = elements.getLength() - 1; i >= 0; i--) { // the list shrinks with each
      Element element = (Element) elements.item(i);
      if (unwanted.test(element)) {
        element.getParentNode().removeChild(element);
      }
    }
  }

  /** It reads no other file and asks no other machine, whatever the file says. */
  private static DocumentBuilder parser() throws ParserConfigurationException {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    DocumentBuilder parser = factory.newDocumentBuilder();
    parser.setErrorHandler(null); // it would write to the error output what is thrown anyway
    return parser;
  }
}
