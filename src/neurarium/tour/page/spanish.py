# ruff: noqa: E501  # a table reads best a row a line
"""What the cards and the chart say, in Spanish, sentence by sentence."""

# fmt: off
SPANISH: dict[str, str] = {
    # P
    "If a line can separate the classes, it finds one in a bounded number of mistakes; XOR it never learns.":
        "Si una recta puede separar las clases, la encuentra tras un número acotado de errores; XOR no lo aprende nunca.",
    "A line nearly separates the classes, there are many columns, and rows keep coming.":
        "Una recta casi separa las clases, hay muchas columnas y siguen llegando filas.",
    "The classes need a curve between them (XOR, a ring), or probabilities are wanted.":
        "Las clases necesitan una curva entre ellas (XOR, un anillo), o se quieren probabilidades.",
    # FF
    "A hidden layer trained by back-propagation invents the features that a perceptron lacks.":
        "Una capa oculta entrenada por retropropagación inventa los rasgos que le faltan al perceptrón.",
    "The rows are a table of some dozen to some ten thousand, and a smooth curve is wanted.":
        "Las filas forman una tabla, de unas docenas a unas decenas de miles, y se busca una curva suave.",
    "The rows are pictures, sound or text, whose order says something, or the boundary winds.":
        "Las filas son imágenes, sonido o texto, cuyo orden dice algo, o la frontera serpentea.",
    # RBF
    "Local bumps plus one linear solve fit any smooth function, no backprop.":
        "Unos bultos locales y un único sistema lineal ajustan cualquier función suave, sin retropropagación.",
    "Near rows have near answers, and which bump speaks for a row should be seen.":
        "Filas cercanas tienen respuestas cercanas, y conviene ver qué bulto responde por cada fila.",
    "Many columns have nothing to do with the answer, or answers are wanted outside the rows.":
        "Muchas columnas no tienen que ver con la respuesta, o se buscan respuestas fuera del alcance de las filas.",
    "The chart draws plain hidden cells; the paper's are bumps around centres.":
        "El esquema dibuja celdas ocultas corrientes; las del artículo son bultos alrededor de unos centros.",
    # ELM
    "Random hidden layer, one least-squares solve: trained in milliseconds.":
        "Capa oculta al azar y una sola solución por mínimos cuadrados: se entrena en milisegundos.",
    "A smooth function of up to some hundreds of columns, and an answer within a second.":
        "La función es suave, con hasta algunos centenares de columnas, y se quiere respuesta en un segundo.",
    "Most columns are noise: random units mix them all in.":
        "La mayoría de las columnas son ruido: las unidades al azar las mezclan todas.",
    "The chart draws links at random inside the hidden layer; the papers' units are not joined to each other, and what is random are the weights from the input, to all units.":
        "El esquema dibuja enlaces al azar dentro de la capa oculta; en los artículos las unidades no se unen entre sí: lo aleatorio son los pesos desde la entrada, hacia todas ellas.",
    # KN
    "Neighbours on the map learn together, so the map unfolds.":
        "Las vecinas del mapa aprenden juntas, y así el mapa se despliega.",
    "a table is to be seen at a glance: which rows are alike, where groups lie, how columns go together.":
        "Se quiere ver una tabla de un vistazo: qué filas se parecen, dónde hay grupos, qué columnas van juntas.",
    "classes are to be predicted, or a plain partition is wanted (k-means is nearer to the rows).":
        "Hay que predecir clases, o se quiere una simple partición (k-medias queda más cerca de las filas).",
    "The drawing shows units and inputs; the lattice that makes the units neighbours is not in it.":
        "El dibujo muestra unidades y entradas; no está la retícula que hace vecinas a las unidades.",
    # HN
    "Memories are valleys of an energy; recall is rolling downhill; too many and they drown.":
        "Los recuerdos son valles de una energía; recordar es rodar cuesta abajo; si son demasiados, se ahogan.",
    "Few patterns are to be completed from damaged or partial ones, and the energy is to be seen.":
        "Hay que completar unos pocos patrones dañados o incompletos, y se quiere ver la energía.",
    "New rows are to be told apart rather than known ones found, or columns are in different units.":
        "Hay que distinguir filas nuevas en vez de encontrar las conocidas, o las columnas están en unidades distintas.",
    "The chart draws linked units; the default stores by the modern rule, whose patterns vote.":
        "El esquema dibuja unidades enlazadas; por defecto se guarda con la regla moderna, en la que los patrones votan.",
    # ESN
    "Do not train the recurrence: keep a rich echo, train the read-out.":
        "No se entrena la recurrencia: se conserva un eco rico y se entrena la lectura.",
    "A series is deterministic or nearly so, or sequences are to be told apart, in seconds.":
        "La serie es determinista o casi, o hay que distinguir secuencias, en segundos.",
    "What decides lies further back than the echo lasts, or the series drifts to where it never was.":
        "Lo que decide está más atrás de lo que dura el eco, o la serie se va adonde nunca ha estado.",
    "The chart draws an ordinary recurrent layer; here its links are random and never learnt, and the read-out sees the inputs too, as in Jaeger's report.":
        "El esquema dibuja una capa recurrente corriente; aquí sus enlaces son aleatorios y no se aprenden, y la lectura ve también las entradas, como en el informe de Jaeger.",
    # RBM
    "Cut the side links: one step each way is enough to learn.":
        "Sin enlaces dentro de una capa, basta un paso en cada sentido para aprender.",
    "Many rows without labels, binary or nearly so, or the law of binary rows itself is wanted.":
        "Hay muchas filas sin etiquetas, binarias o casi, o se busca la propia ley de unas filas binarias.",
    "The columns are few real numbers, or labels abound.":
        "Las columnas son unos pocos números reales, o abundan las etiquetas.",
    # DCN
    "A kernel that is learnt once serves at every place of the image: fewer weights, fewer errors.":
        "Un núcleo que se aprende una vez sirve en todos los lugares de la imagen: menos pesos, menos errores.",
    "The rows are images, or lines of measurements, in which neighbours belong together and a thing may lie anywhere.":
        "Las filas son imágenes, o líneas de mediciones, en las que los vecinos van juntos y una cosa puede estar en cualquier lugar.",
    "The columns have no neighbours (a table, shuffled pixels): sharing weights then only takes away.":
        "Las columnas no tienen vecinos (una tabla, píxeles desordenados): compartir pesos entonces solo quita.",
    "The chart draws single cells; each stands for a map whose cells share one kernel. LeNet-5 here has plain averages, full links between its maps and a softmax where the paper has learnt sub-sampling, a table of links and distances to drawn letters.":
        "El dibujo muestra celdas sueltas; cada una representa un mapa cuyas celdas comparten un núcleo. Aquí LeNet-5 tiene medias simples, enlaces completos entre sus mapas y un softmax donde el artículo tiene submuestreo aprendido, una tabla de enlaces y distancias a letras dibujadas.",
    # AE
    "With straight units the bottleneck is principal component analysis; bent ones bend its plane to the rows.":
        "Con unidades lineales, el cuello de botella es el análisis de componentes principales; las no lineales curvan su plano hasta ajustarlo a las filas.",
    "Rows of many columns lie near a bent surface of few dimensions, and there are some hundred or more.":
        "Hay cientos de filas o más, de muchas columnas, cerca de una superficie curva de pocas dimensiones.",
    "The columns hang together linearly: principal components are as good, at once, and in order.":
        "Las columnas dependen linealmente unas de otras: las componentes principales son igual de buenas, inmediatas y ordenadas.",
    # VAE
    "A code that is drawn with noise makes one network that tells how likely a row is, and draws new ones.":
        "Un código que se sortea con ruido hace que una sola red diga cuán probable es una fila y genere otras nuevas.",
    "New rows are wanted that are like the old ones, a smooth path between two rows, or a likelihood.":
        "Se quieren filas nuevas parecidas a las conocidas, un camino suave entre dos filas o una verosimilitud.",
    "Only sharp reconstructions count: an autoencoder of the same code size comes nearer to the rows.":
        "Solo importan reconstrucciones nítidas: un autocodificador con código del mismo tamaño se acerca más a las filas.",
    # GAN
    "A forger that never sees a row learns to make rows, by fooling a detective that learns to catch it.":
        "Un falsificador que nunca ve una fila aprende a hacer filas engañando a un detective que aprende a descubrirlo.",
    "There are thousands of rows that lie near a surface, such as images, and sharp samples are wanted.":
        "Hay miles de filas que están cerca de una superficie, como las imágenes, y se quieren muestras nítidas.",
    "How likely a row is must be told, rows are few, or a law of known form would do.":
        "Hay que decir cuán probable es una fila, las filas son pocas o bastaría una ley de forma conocida.",
    "The chart draws noise and rows as one kind of input; the generator gets noise alone, and rows meet its samples at the discriminator, which answers with one number and not two.":
        "El esquema dibuja el ruido y las filas como una sola clase de entrada; el generador recibe solo ruido, y las filas se encuentran con sus muestras en el discriminador, que responde con un número y no con dos.",
    # MC
    "The next step depends only on the last few, and averages still settle.":
        "El paso siguiente depende solo de los últimos, y aun así los promedios se estabilizan.",
    "What comes next hangs on the last few symbols, and the model is to be read and calculated with.":
        "Lo que viene depende de los últimos símbolos y se quiere un modelo que se pueda leer y con el que se pueda calcular.",
    "What decides lies further back than the order, or states are continuous numbers.":
        "Lo que decide queda más atrás que el orden, o los estados son números continuos.",
    # RNN
    "The memory is the hidden state of a step ago: so structure in time can be learnt.":
        "La memoria es el estado oculto de hace un paso: así se aprende la estructura en el tiempo.",
    "The rows are sequences, what decides lies in their last ten or twenty steps, and speed counts.":
        "Las filas son secuencias, lo que decide está en sus últimos diez o veinte pasos y la rapidez cuenta.",
    "What decides lies many steps back, or the order of the steps says nothing.":
        "Lo que decide está muchos pasos atrás, o el orden de los pasos no dice nada.",
    "Elman copied the state and sent no error back through the copy; here it goes back through all steps.":
        "Elman copiaba el estado y no enviaba error a través de la copia; aquí el error retrocede por todos los pasos.",
    # LSTM
    "A cell behind gates carries its error unchanged over hundreds of steps, where that of a plain RNN dies.":
        "Una celda tras compuertas lleva su error sin cambio durante cientos de pasos, donde el de una RNN simple muere.",
    "The rows are sequences of a hundred steps or more, thousands of them, and something early decides.":
        "Las filas son secuencias de cien pasos o más, hay miles de ellas y decide algo del principio.",
    "The rows are few, or the order of the steps says nothing.":
        "Hay pocas filas, o el orden de los pasos no dice nada.",
    'The chart writes "Long / Short Term Memory", as if there were two: it is one memory of the short-term kind that lasts long. That of 1997 has no forget gate, squashes to (-2, 2) and (-1, 1), and cuts the error at the gates; here it has one unless asked not to, squashes by tanh, and lets all errors pass.':
        "El esquema escribe «Long / Short Term Memory», como si fueran dos: es una sola memoria, de la clase de las de corto plazo, que dura mucho; llamarla «memoria a corto plazo», como se oye en clase, es un error. La de 1997 no tiene compuerta de olvido, comprime a (-2, 2) y (-1, 1) y corta el error en las compuertas; aquí la tiene salvo que se pida lo contrario, comprime con tanh y deja pasar todos los errores.",
    # GRU
    "Two gates do what three do: as good as an LSTM, better than a plain RNN, with fewer weights.":
        "Dos compuertas hacen lo que tres: tan buena como una LSTM, mejor que una RNN simple y con menos pesos.",
    "The rows are sequences, some hundred or more of them: the first of the three to try.":
        "Las filas son secuencias, unas cien o más: la primera de las tres que conviene probar.",
    "The order of the steps says nothing, or something must be counted without bound.":
        "El orden de los pasos no dice nada, o hay que contar algo sin límite.",
    "In Cho's paper the reset gate works before the product with U; by default it works after it, as in cuDNN.":
        "En el artículo de Cho la compuerta de reinicio actúa antes del producto con U; aquí, por defecto, después, como en cuDNN.",
    # Not built yet.
    "It has no founding paper of its own: the chart draws one more hidden layer than for FF.":
        "No tiene un artículo fundador propio: el esquema dibuja una capa oculta más que en FF.",
    "The chart draws plain hidden cells; in the paper only a few of them are active at a time, which is the point.":
        "El esquema dibuja celdas ocultas corrientes; en el artículo solo unas pocas están activas a la vez, y eso es lo esencial.",
    "The chart draws one kind of link; in the paper the two top layers are linked both ways, and those below them only downwards.":
        "El esquema dibuja una sola clase de enlace; en el artículo las dos capas superiores se enlazan en ambos sentidos y las de debajo solo hacia abajo.",
    "The chart draws a convolutional network turned round, which generates; the network of 2010 solves for the few features that explain an image.":
        "El esquema dibuja una red convolucional al revés, que genera; la de 2010 calcula los pocos rasgos que explican una imagen.",
    "The chart draws probabilistic cells in the middle; in the paper each is taught to stand for one thing, such as the pose or the light.":
        "El esquema dibuja celdas probabilísticas en el centro; en el artículo se enseña a cada una a representar una sola cosa, como la postura o la luz.",
    "The chart draws a layer; the paper's neurons fill a column in space and are linked by chance, near ones more often.":
        "El esquema dibuja una capa; las neuronas del artículo llenan una columna en el espacio y se enlazan al azar, más a menudo las cercanas.",
    "The drawing shows one link over all layers; the paper has one over every two of them.":
        "El dibujo muestra un enlace por encima de todas las capas; el artículo tiene uno por cada dos.",
    "It is no network in the paper: the hidden cells stand for rows that were learnt from, which a kernel compares with the input.":
        "En el artículo no es una red: las celdas ocultas representan filas de las que se aprendió, y un núcleo las compara con la entrada.",
    "The chart draws the memory as a layer; in the paper it is a table beside the network, which reads and writes it through heads.":
        "El esquema dibuja la memoria como una capa; en el artículo es una tabla junto a la red, que la lee y la escribe mediante cabezales.",
}
# fmt: on


def in_spanish(sentence: str) -> str | None:
    """The sentence of a card in Spanish, or None where nobody has translated it."""
    return SPANISH.get(sentence)
